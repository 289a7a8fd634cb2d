#!/usr/bin/env bash
# transformers 4.54.1 with TensorFlow 2.21.0 and tf-keras 2.21.0, Python 3.11.
#
# Guess: TFT5ForConditionalGeneration.from_pretrained(folder) takes the
# folder's generation_config.json, as the PyTorch class does, so that
# generate() writes as its author wished (beams, sampling, lengths).
# Seen: where the weights are one model.safetensors in PyTorch's format,
# generation_config.json is not read at all: num_beams and max_length stay at
# the library's defaults. The same weights as TensorFlow's own tf_model.h5
# have it read: the control below. Nothing is warned of.
#
# Output seen:
#   transformers 4.54.1
#   tf_model.h5: num_beams 3, max_length 17
#   model.safetensors: num_beams 1, max_length 20
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    tensorflow==2.21.0 tf-keras==2.21.0 transformers==4.54.1 \
    safetensors==0.8.0
cat > "$folder/seen.py" <<'PY'
import json
import pathlib
import sys

import numpy as np
import transformers
from safetensors.numpy import save_file
from transformers import T5Config, TFT5ForConditionalGeneration

folder = pathlib.Path(sys.argv[1])
WISHES = {"num_beams": 3, "max_length": 17, "decoder_start_token_id": 0,
          "eos_token_id": 1, "pad_token_id": 0}
config = T5Config(vocab_size=20, d_model=8, d_kv=4, d_ff=16, num_layers=1,
                  num_decoder_layers=1, num_heads=2,
                  decoder_start_token_id=0)
model = TFT5ForConditionalGeneration(config)
model.build()


def told(name, where):
    (where / "generation_config.json").write_text(json.dumps(WISHES))
    read = TFT5ForConditionalGeneration.from_pretrained(
        where, local_files_only=True).generation_config
    print(f"{name}: num_beams {read.num_beams}, max_length "
          f"{read.max_length}")


print("transformers", transformers.__version__)
own = folder / "own"
model.save_pretrained(own)
told("tf_model.h5", own)
other = folder / "other"
other.mkdir()
config.save_pretrained(other)


def shapes():
    """T5's tensors under PyTorch's names, matrices as (outputs, inputs)."""
    D, inner, d_ff, V = 8, 8, 16, 20
    yield "shared.weight", (V, D)
    for stack, kinds in (("encoder", ["SelfAttention"]), (
            "decoder", ["SelfAttention", "EncDecAttention"])):
        at = f"{stack}.block.0.layer."
        for i, kind in enumerate(kinds):
            for letter in "qkv":
                yield f"{at}{i}.{kind}.{letter}.weight", (inner, D)
            yield f"{at}{i}.{kind}.o.weight", (D, inner)
            yield f"{at}{i}.layer_norm.weight", (D,)
        yield at + "0.SelfAttention.relative_attention_bias.weight", (32, 2)
        last = f"{at}{len(kinds)}."
        yield last + "DenseReluDense.wi.weight", (d_ff, D)
        yield last + "DenseReluDense.wo.weight", (D, d_ff)
        yield last + "layer_norm.weight", (D,)
        yield f"{stack}.final_layer_norm.weight", (D,)


rng = np.random.default_rng(0)
save_file({name: rng.normal(size=shape).astype("float32")
           for name, shape in shapes()}, other / "model.safetensors",
          metadata={"format": "pt"})
told("model.safetensors", other)
PY
TF_CPP_MIN_LOG_LEVEL=3 TRANSFORMERS_VERBOSITY=error \
    "$folder/venv/bin/python" "$folder/seen.py" "$folder" 2>/dev/null |
    tee "$folder/out"
diff "$folder/out" - <<'OUT'
transformers 4.54.1
tf_model.h5: num_beams 3, max_length 17
model.safetensors: num_beams 1, max_length 20
OUT
echo "as seen"
