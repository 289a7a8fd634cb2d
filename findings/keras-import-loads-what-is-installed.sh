#!/usr/bin/env bash
# Keras 3.15.1 with TensorFlow 2.21.0, Python 3.11, Linux, CPU.
#
# Guess: what `import keras` (and `import tensorflow`, which imports it) loads
# and costs does not depend on which other packages are installed; pandas,
# scikit-learn and matplotlib are loaded by who uses them.
# Seen: where they are installed, `import keras` loads all three, and SciPy
# with them, for wrappers and plots that the program may never call: some
# 100 MB more of memory of its own for every process, each worker of a
# tf.distribute cluster and each kernel on a small machine included. Nothing
# but the installation differs between the two runs below.
#
# Output seen:
#   keras 3.15.1, tensorflow 2.21.0
#   alone: []
#   beside them: ['matplotlib', 'pandas', 'scipy', 'sklearn']
#   memory beside them: at least 50 MB more
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
pip tensorflow==2.21.0 keras==3.15.1
cat > "$folder/seen.py" <<'PY'
import re
import sys

import tensorflow
import keras

words = ("matplotlib", "pandas", "scipy", "sklearn")
with open("/proc/self/status") as file:
    own = int(re.search(r"RssAnon:\s+(\d+)", file.read())[1]) // 1024
print(f"keras {keras.__version__}, tensorflow {tensorflow.__version__}")
print([word for word in words if word in sys.modules])
print(own)
PY
look() { TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/seen.py" \
    2>/dev/null; }
look > "$folder/alone"
pip scikit-learn==1.9.1 pandas==3.1.1 matplotlib==3.11.2
look > "$folder/beside"
{
    sed -n 1p "$folder/beside"
    echo "alone: $(sed -n 2p "$folder/alone")"
    echo "beside them: $(sed -n 2p "$folder/beside")"
    more=$(($(sed -n 3p "$folder/beside") - $(sed -n 3p "$folder/alone")))
    echo "memory beside them:" \
        "$([ "$more" -ge 50 ] && echo at least 50 || echo only "$more") MB more"
} | tee "$folder/out"
diff "$folder/out" - <<'OUT'
keras 3.15.1, tensorflow 2.21.0
alone: []
beside them: ['matplotlib', 'pandas', 'scipy', 'sklearn']
memory beside them: at least 50 MB more
OUT
echo "as seen"
