"""Makes spoken_digits.npz: English digits in the voices of espeak-ng.

    python data/make_spoken_digits.py

And spoken_fresh.npz, five more voices, chosen and made after chapter 5's
recogniser was finished, so that nothing was chosen by what they say.

Needs espeak-ng (Debian: apt-get install espeak-ng; version 1.51 made the
shipped files) and takes a minute. Each voice says zero to nine six times, at
six of ten speeds and at three pitches. Silence before and after is cut off,
and what remains is brought to 8000 samples a second and to 8 bits by the
mu-law of telephones. Writes the files and their sums.
"""
import io
import subprocess
import sys
import wave
from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly
from ship import ship

FILE = Path(__file__).with_name("spoken_digits.npz")
RATE = 8000  # samples a second
WORDS = ("zero one two three four five six seven eight nine").split()
# espeak-ng's accent and variant: kept out of training or not. Not en-gb,
# with which espeak-ng 1.51 ignores the variant; "en" is the same accent.
VOICES = {
    "en-us+m1": False, "en+m3": False, "en-gb-scotland+m7": False,
    "en-us+f1": False, "en+f2": False, "en-029+Andy": False,
    "en-gb-x-rp+Annie": False, "en-us+steph": False,
    "en-gb-x-gbclan+m2": False, "en-gb-scotland+f4": False,
    "en-us-nyc+Alicia": False,
    "en-gb-x-gbcwmd+m4": True, "en-us+f5": True,
    "en-gb-scotland+linda": True, "en-us-nyc+Lee": True,
    "en-029+anika": True,
}
# the accents of the held-out ones, with variants that occur nowhere above
FRESH = dict.fromkeys(("en-gb-x-gbcwmd+adam", "en-us+belinda",
                       "en-gb-scotland+caleb", "en-us-nyc+david",
                       "en-029+Michael"), True)
SPEEDS = range(110, 210, 10)  # words a minute
PITCHES = 35, 50, 65  # espeak-ng's scale from 0 to 99
TAKES = 6  # of each digit and voice
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


def settings(n_voices):
    """Rows (digit, voice, speed, pitch) of all sounds of n voices.

    A voice's speeds lie three steps apart, so that each has slow and fast
    ones and every speed is spoken by several voices.
    """
    return [(digit, voice, SPEEDS[(voice + 3 * take) % len(SPEEDS)],
             PITCHES[take % len(PITCHES)])
            for voice in range(n_voices) for take in range(TAKES)
            for digit in range(10)]


def write(path, voices):
    """Writes all sounds of `voices`, {name: held out?}, to path."""
    names = [*voices]
    rows = settings(len(names))
    sounds = [encode(say(WORDS[digit], names[voice], speed, pitch))
              for digit, voice, speed, pitch in rows]
    digit, voice, speed, pitch = np.array(rows).T.astype(np.uint8)
    np.savez_compressed(
        path, samples=np.concatenate(sounds), digit=digit, voice=voice,
        length=np.array([len(x) for x in sounds], np.uint16), speed=speed,
        pitch=pitch, names=np.array(names), held_out=[*voices.values()])
    ship(path)
    print(f"{len(sounds)} sounds, {path.stat().st_size / 1e6:.1f} MB")


def main():
    # espeak-ng says nothing when it does not know a variant
    names = [*VOICES, *FRESH]
    zeros = {say("zero", name, 150, 50).tobytes() for name in names}
    if len(zeros) < len(names):
        sys.exit("make_spoken_digits: two of the voices sound the same")
    write(FILE, VOICES)
    write(FILE.with_name("spoken_fresh.npz"), FRESH)


if __name__ == "__main__":
    main()
