"""Makes spoken_digits.npz: English digits in the voices of espeak-ng.

    python data/make_spoken_digits.py

Needs espeak-ng (Debian: apt-get install espeak-ng) and takes a minute. Each
voice says zero to nine at three speeds and two pitches; silence before and
after is cut off, and what remains is brought to 8000 samples a second and
to 8 bits by the mu-law of telephones.
"""
import io
import subprocess
import wave
from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

FILE = Path(__file__).with_name("spoken_digits.npz")
RATE = 8000  # samples a second
WORDS = ("zero one two three four five six seven eight nine").split()
VOICES = {  # espeak-ng's accent and variant: kept out of training or not
    "en-us+m1": False, "en-gb+m3": False, "en-gb-scotland+m7": False,
    "en-us+f1": False, "en-gb+f2": False, "en-029+Andy": False,
    "en-gb-x-rp+Annie": False, "en-us+steph": False,
    "en-gb-x-gbcwmd+m4": True, "en-us+f5": True,
    "en-gb-scotland+linda": True, "en-us-nyc+Lee": True,
}
SPEEDS = 120, 160, 200  # words a minute
PITCHES = 35, 65  # espeak-ng's scale from 0 to 99
QUIET = 0.02  # of the loudest sample: counts as silence
MU = 255


def say(word, voice, speed, pitch):
    """Samples float64 (n,) from -1 to 1, RATE a second, silence cut off."""
    command = ["espeak-ng", "--stdout", "-v", voice, "-s", str(speed),
               "-p", str(pitch), word]
    sound = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(sound)) as file:
        rate = file.getframerate()
        x = np.frombuffer(file.readframes(10**9), "<i2").astype(float)
    x = resample_poly(x, RATE // gcd(RATE, rate), rate // gcd(RATE, rate))
    x /= np.abs(x).max()
    loud = np.flatnonzero(np.abs(x) > QUIET)
    return x[loud[0]:loud[-1] + 1]


def encode(x):
    """-1..1 to whole numbers 0..255, the quiet ones finer (mu-law)."""
    y = np.sign(x) * np.log1p(MU * np.abs(x)) / np.log1p(MU)
    return np.round((y + 1) / 2 * MU).astype(np.uint8)


def main():
    settings = [(digit, voice, speed, pitch)
                for voice in range(len(VOICES)) for speed in SPEEDS
                for pitch in PITCHES for digit in range(10)]
    names = [*VOICES]
    sounds = [encode(say(WORDS[digit], names[voice], speed, pitch))
              for digit, voice, speed, pitch in settings]
    digit, voice, speed, pitch = np.array(settings).T.astype(np.uint8)
    np.savez_compressed(
        FILE, samples=np.concatenate(sounds), digit=digit, voice=voice,
        length=np.array([len(x) for x in sounds], np.uint16), speed=speed,
        pitch=pitch, names=np.array(names), held_out=[*VOICES.values()])
    print(f"{len(sounds)} sounds, {FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
