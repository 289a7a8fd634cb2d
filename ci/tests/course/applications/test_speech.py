"""Spoken digits: the shipped sounds, spectra, strings, baselines, scores."""
import hashlib
import wave

import numpy as np
import pytest

from course import CourseError, load_spoken_digits
from course.applications import speech


@pytest.fixture(scope="module")
def spoken():
    return speech.spoken_parts()


# ---- the shipped sounds


def test_voices_speeds_and_digits(spoken):
    train, test = spoken
    assert len(set(train.voice)) == 11 and len(set(test.voice)) == 5
    assert len(set(train.speed)) == 10 and len(set(test.speed)) == 10
    for part in spoken:
        assert (np.bincount(part.digit) == len(part.digit) // 10).all()
        assert len(part.sounds) == len(part.digit) == len(part.voice)
        for x in part.sounds:
            assert x.dtype == np.float32 and 0.9 < np.abs(x).max() <= 1
            assert 0.1 < len(x) / speech.RATE < 1.2


def test_the_parts_are_the_whole(spoken):
    X, y, voice, names = load_spoken_digits()
    assert X.shape[0] == len(y) == len(voice) == 960 and len(names) == 16
    assert X.dtype == np.float32 and y.dtype == voice.dtype == np.int64
    lengths = [len(x) for part in spoken for x in part.sounds]
    assert X.shape[1] == max(lengths)
    for part in spoken:
        first = voice == names.index(part.voice[0])
        assert np.array_equal(part.digit[:60], y[first])
        assert all(np.array_equal(x[:len(short)], short) for x, short
                   in zip(X[first], part.sounds))


def sums(part):
    return {hashlib.sha256(x.tobytes()).hexdigest() for x in part.sounds}


def share_a_voice(train, test):
    """Whether a voice, its variant or one of its sounds is in both."""
    variants = [{name.partition("+")[2] for name in part.voice}
                for part in (train, test)]
    return bool(set(train.voice) & set(test.voice)
                or variants[0] & variants[1] or sums(train) & sums(test))


def test_no_voice_is_in_both_parts(spoken):
    assert not share_a_voice(*spoken)


def test_fresh_voices_are_new(spoken):
    fresh = speech.fresh_voices()
    assert len(fresh.sounds) == 300 and len(set(fresh.voice)) == 5
    assert not any(share_a_voice(part, fresh) for part in spoken)


def test_that_proof_sees_a_leaked_voice(spoken):
    train, test = spoken
    leaked = test._replace(voice=np.append(test.voice[1:], train.voice[0]))
    assert share_a_voice(train, leaked)
    leaked = test._replace(sounds=[train.sounds[7], *test.sounds[1:]])
    assert share_a_voice(train, leaked)


def test_no_two_voices_are_one(spoken):
    said = {}
    for part in spoken:
        for x, voice in zip(part.sounds, part.voice):
            said.setdefault(x.tobytes(), set()).add(voice)
    assert all(len(voices) == 1 for voices in said.values())


# ---- the reader's sound


def write_wav(path, x, rate=8000, channels=1, width=2):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(x.tobytes())
    return path


SINE = np.sin(2 * np.pi * 440 * np.arange(800) / 8000)


def test_a_sound_is_read_from_file_and_array(tmp_path):
    wanted = SINE / np.abs(SINE).max()
    path = write_wav(tmp_path / "a.wav", (SINE * 9000).astype("<i2"))
    assert np.abs(speech.read_sound(path) - wanted).max() < 1e-3
    assert np.allclose(speech.read_sound(SINE * 7), wanted)
    both = np.repeat((SINE * 9000).astype("<i2"), 2)
    path = write_wav(tmp_path / "b.wav", both, channels=2)
    assert np.abs(speech.read_sound(path) - wanted).max() < 1e-3
    coarse = np.round(SINE * 100 + 128).astype(np.uint8)
    path = write_wav(tmp_path / "c.wav", coarse, width=1)
    assert np.abs(speech.read_sound(path) - wanted).max() < 0.02


def test_sounds_that_are_none(tmp_path):
    with pytest.raises(CourseError, match="no sound file"):
        speech.read_sound(tmp_path / "none.wav")
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    with pytest.raises(CourseError, match="8 or 16 bits"):
        speech.read_sound(tmp_path / "bad.wav")
    empty = write_wav(tmp_path / "empty.wav", np.zeros(0, "<i2"))
    with pytest.raises(CourseError, match="no samples.*8000"):
        speech.read_sound(empty)
    silent = write_wav(tmp_path / "silent.wav", np.zeros(100, "<i2"))
    with pytest.raises(CourseError, match="silent"):
        speech.read_sound(silent)
    for wrong in (np.array([1, np.nan]), np.zeros((2, 2, 2))):
        with pytest.raises(CourseError, match="finite numbers"):
            speech.read_sound(wrong)


def test_another_rate_says_both_rates(tmp_path):
    path = write_wav(tmp_path / "cd.wav", np.ones(9, "<i2"), rate=44100)
    with pytest.raises(CourseError, match="44100.*8000"):
        speech.read_sound(path)


# ---- spectra


def test_istft_undoes_stft(spoken):
    x = spoken[0].sounds[0]
    assert np.abs(speech.istft(speech.stft(x), len(x)) - x).max() < 1e-12


def test_a_sine_stands_at_its_place_with_size_1():
    S = np.abs(speech.stft(np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000)))
    middle = S[len(S) // 2]
    assert middle.argmax() == 1000 * speech.N_FFT // 8000
    assert abs(middle.max() - 1) < 0.01


def test_mel_scale_against_the_formula_of_htk():
    # 1127 ln(1 + f / 700), as the HTK book writes it
    f = np.array([0, 100, 440, 1000, 4000])
    assert np.allclose(speech.mel(f), 1127 * np.log1p(f / 700), rtol=1e-4)
    assert abs(speech.mel(1000) - 1000) < 0.1  # how the scale was made
    assert np.allclose(speech.hertz(speech.mel(f)), f)


def test_filters_are_triangles_that_overlap_to_one():
    F = speech.mel_filters()
    assert F.shape == (speech.N_MELS, 129) and F.min() == 0
    assert (np.diff(F.argmax(axis=1)) >= 1).all() and F.max() <= 1
    peaks = np.flatnonzero(F[0])[-1], np.flatnonzero(F[-1])[0]
    # between the first peak and the last, neighbours add up to 1
    assert np.allclose(F.sum(axis=0)[peaks[0]:peaks[1]], 1)


def test_griffin_lim_never_gets_worse(spoken):
    x = spoken[0].sounds[3]
    wanted = np.abs(speech.stft(x))

    def gap(rounds):
        y = speech.griffin_lim(wanted, len(x), rounds)
        return np.linalg.norm(np.abs(speech.stft(y)) - wanted)

    gaps = [gap(rounds) for rounds in (0, 1, 2, 4, 8, 16, 32)]
    assert all(a >= b for a, b in zip(gaps, gaps[1:]))
    assert gaps[-1] < gaps[0] / 3


def test_a_picture_turns_into_a_sound_with_that_picture(spoken):
    picture = speech.log_mel(spoken[0].sounds[20])
    again = speech.log_mel(speech.sound_of(picture))
    assert len(again) == len(picture)
    assert speech.mel_distance(again, picture) < 8  # dB; silence is 50 away


# ---- strings


def test_strings_follow_their_seed_and_length(spoken):
    a, b, c = (speech.digit_strings(spoken[0], 20, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(u.sound, v.sound) for u, v in zip(a, b))
    assert [u.digits for u in a] != [u.digits for u in c]
    assert {len(u.digits) for u in a} == {3, 4, 5}
    assert {u.voice for u in a} <= set(spoken[0].voice)


def strings(part):
    return {u.digits for u in part}


def test_no_digit_string_is_in_training_and_test(spoken):
    train = speech.digit_strings(spoken[0], 600, 1, lengths=(3, 3))
    test = speech.digit_strings(spoken[1], 100, 1, True, lengths=(3, 3))
    assert len(strings(train)) > 300 and len(strings(test)) > 50
    assert not strings(train) & strings(test)
    # without the rule, strings that short would meet
    loose = speech.digit_strings(spoken[1], 100, 1, lengths=(3, 3))
    assert strings(train) & strings(loose)


def test_noise_has_the_power_that_was_asked_for():
    rng = np.random.default_rng(0)
    x = np.sin(np.arange(100_000))
    for snr in (20, 0):
        noise = speech.add_noise(x, snr, rng) - x
        found = 10 * np.log10(np.mean(x ** 2) / np.mean(noise ** 2))
        assert abs(found - snr) < 0.1


# ---- scores


@pytest.mark.parametrize("a, b, edits", [
    ("", "", 0), ("kitten", "sitting", 3), ("abc", "", 3), ("", "ab", 2),
    ((1, 2, 3), (2, 3), 1), ((1, 2), (2, 1), 2)])
def test_edit_distance_by_hand(a, b, edits):
    assert speech.edit_distance(a, b) == edits == speech.edit_distance(b, a)


def test_word_error_rate_by_hand():
    assert speech.word_error_rate([((1, 2, 3), (1, 3)), ((4,), (4,))]) == 1 / 4
    assert speech.word_error_rate([((1,), (1, 2, 3))]) == 2
    with pytest.raises(AssertionError, match="no words"):
        speech.word_error_rate([((), (1,))])


# ---- baselines


def test_templates_recognise_the_voice_they_are_of(spoken):
    train = spoken[0]
    mine = train.voice == train.voice[0]
    mine = train._replace(
        sounds=[train.sounds[i] for i in np.flatnonzero(mine)],
        digit=train.digit[mine], voice=train.voice[mine])
    examples = speech.templates(mine, takes=6)
    assert len(examples.digit) == 60
    said = speech.digit_strings(mine, 6, 3)
    pairs = [(u.digits, speech.recognise_by_templates(u.sound, examples))
             for u in said]
    assert speech.word_error_rate(pairs) == 0


def test_silence_has_no_words(spoken):
    examples = speech.templates(spoken[0], takes=1)
    assert speech.recognise_by_templates(np.zeros(4000), examples) == ()


def test_stretching_keeps_the_ends():
    a = np.arange(8.0).reshape(4, 2)
    assert np.allclose(speech.stretch(a, 7)[[0, 2, 6]], a[[0, 1, 3]])
    assert speech.mel_distance(speech.stretch(a, 7), a) < 1e-9
    assert abs(speech.mel_distance(a + np.log(10), a) - 10) < 1e-9  # dB


def test_no_way_of_speaking_is_in_both_parts_of_synthesis(spoken):
    train, test = speech.synthesis_split(spoken[0])
    assert len(train.sounds) == 550 and len(test.sounds) == 110
    ways = [set(zip(part.voice, part.speed, part.pitch))
            for part in (train, test)]
    assert not ways[0] & ways[1] and not sums(train) & sums(test)
    assert set(train.voice) == set(test.voice)
    # the proof sees a split that takes the sounds in turn
    turn = [set(zip(spoken[0].voice[i::2], spoken[0].speed[i::2],
                    spoken[0].pitch[i::2])) for i in range(2)]
    assert turn[0] & turn[1]


# ---- voice search


def test_a_query_fits_one_document_alone(spoken):
    # so many that some would share digits if nobody looked
    documents, queries = speech.spoken_documents(*spoken, n=150, snr=None)

    def holds(document, digits):
        return any(document.number[i:i + 4] == digits for i in range(5))

    for i, query in enumerate(queries):
        assert [holds(d, query.digits) for d in documents].count(True) == 1
        assert holds(documents[i], query.digits)
    assert not {q.voice for q in queries} & {d.voice for d in documents}


def test_audio_finds_itself(spoken):
    documents, _ = speech.spoken_documents(*spoken, n=6, snr=None)
    sounds = [d.sound for d in documents]
    parts = [x[len(x) // 4:len(x) // 2] for x in sounds]
    cost = speech.match_audio(parts, sounds)
    assert cost.argmin(axis=1).tolist() == [0, 1, 2, 3, 4, 5]


# ---- hard baselines


def test_noisy_templates_are_as_many_and_others(spoken):
    clean, noisy = (speech.templates(spoken[0], 1, snr) for snr in (None, 20))
    assert clean.frames.shape == noisy.frames.shape
    assert np.array_equal(clean.length, noisy.length)
    assert not np.allclose(clean.frames, noisy.frames)


def test_a_line_in_speed_and_pitch_is_nearer_than_the_average(spoken):
    takes, test = speech.synthesis_split(spoken[0])
    linear = speech.LinearSpeaker(takes)
    mean = {voice: speech.average_spectrograms(takes, voice)
            for voice in set(takes.voice)}
    apart = np.array([[speech.mel_distance(picture, speech.log_mel(sound))
                       for picture in (mean[who[0]][who[1]], linear(*who))]
                      for sound, *who in zip(*test)
                      for who in [[who[1], who[0], *who[2:]]]])
    assert apart[:, 1].mean() < apart[:, 0].mean()
