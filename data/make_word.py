"""Make word.wav: the word "wow", spoken by no one.

    python data/make_word.py

Pulses of a voice that falls from 140 to 100 a second go through three
resonators. Their frequencies glide as in [w], [a], [u]; the values are the
usual ones of phonetics textbooks, rounded. 8,000 samples a second, 8 bits.
"""
import wave
from pathlib import Path

import numpy as np
from ship import ship

RATE, SECONDS = 8_000, 0.6
WHEN = 0, 0.08, 0.22, 0.32, 0.5, 0.6  # seconds
FORMANTS = (  # hertz, at these moments
    (300, 320, 750, 750, 380, 320),
    (610, 650, 1250, 1250, 850, 750),
    (2200, 2250, 2500, 2500, 2350, 2300))
WIDTHS = 70, 90, 130  # hertz
LOUD = 0, 0.7, 1, 1, 0.5, 0


def speak():
    """The sound, float (n,), from -1 to 1."""
    t = np.arange(int(RATE * SECONDS)) / RATE
    pitch = np.interp(t, (0, SECONDS), (140, 100))
    beats = np.floor(np.cumsum(pitch) / RATE)
    sound = np.diff(beats, prepend=0)  # 1 where a pulse of the voice begins
    for values, width in zip(FORMANTS, WIDTHS):
        sound = resonate(sound, np.interp(t, WHEN, values), width)
    sound *= np.interp(t, WHEN, LOUD)
    return sound / np.abs(sound).max()


def resonate(x, hertz, width):
    """Let x ring at a frequency (n,) that moves, with a width in hertz."""
    r = np.exp(-np.pi * width / RATE)
    b = 2 * r * np.cos(2 * np.pi * hertz / RATE)
    y = np.zeros(len(x) + 2)  # two steps of silence in front
    for i, value in enumerate(x):
        y[i + 2] = (1 - b[i] + r**2) * value + b[i] * y[i + 1] - r**2 * y[i]
    return y[2:]


def write(path, sound):
    samples = np.round(127 * sound + 128).astype(np.uint8)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    path = Path(__file__).with_name("word.wav")
    write(path, speak())
    ship(path)
