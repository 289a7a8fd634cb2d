#!/usr/bin/env bash
# nbformat 5.11.1 with jsonschema 4.26.0, jupyter-events 0.12.1 and
# rfc3987-syntax 1.1.0, Python 3.11, Linux.
#
# Guess: `import nbformat` costs the same whether or not JupyterLab's packages
# are installed beside it; a checker of one string format costs something
# when a string of that format is checked.
# Seen: jupyter-events, which every Jupyter server brings, asks for jsonschema
# with its format checkers, one of them rfc3987-syntax (addresses with letters
# of any script). jsonschema imports it whenever it is imported itself, and
# its import builds 39 parsers from grammars: `import nbformat`, and with it
# nbconvert, nbclient and papermill, takes more than three times the
# processor's time in every process, though no address is ever checked.
#
# Output seen:
#   nbformat 5.11.1, jsonschema 4.26.0
#   alone: 0 grammars
#   beside jupyter-events: 39 grammars
#   processor's time of the import: more than 3 times
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
pip nbformat==5.11.1 jsonschema==4.26.0
cat > "$folder/seen.py" <<'PY'
import importlib.metadata as metadata
import sys
import time

try:
    import lark  # counted from here on; its own import is not timed
except ImportError:
    lark = None
built = []
if lark:
    init = lark.Lark.__init__

    def counted(self, *args, **kwargs):
        built.append(1)
        init(self, *args, **kwargs)
    lark.Lark.__init__ = counted
began = time.process_time()
import nbformat
seconds = time.process_time() - began
print("nbformat %s, jsonschema %s" % (
    nbformat.__version__, metadata.version("jsonschema")))
print(len(built))
print(seconds)
PY
look() { "$folder/venv/bin/python" "$folder/seen.py"; }
look > /dev/null  # so that all is compiled
look > "$folder/alone"
pip jupyter-events==0.12.1 rfc3987-syntax==1.1.0 lark==1.3.1 jsonschema==4.26.0
look > /dev/null
look > "$folder/beside"
{
    sed -n 1p "$folder/beside"
    echo "alone: $(sed -n 2p "$folder/alone") grammars"
    echo "beside jupyter-events: $(sed -n 2p "$folder/beside") grammars"
    awk 'FNR == 3 { t[NR] = $1 } END { print "processor'"'"'s time of the import: " \
        (t[6] > 3 * t[3] ? "more than" : "less than") " 3 times" }' \
        "$folder/alone" "$folder/beside"
} | tee "$folder/out"
diff "$folder/out" - <<'OUT'
nbformat 5.11.1, jsonschema 4.26.0
alone: 0 grammars
beside jupyter-events: 39 grammars
processor's time of the import: more than 3 times
OUT
echo "as seen"
