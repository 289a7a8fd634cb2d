"""What deep learning is compared with (2.2, 2.3)."""

import warnings
from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from sklearn.base import clone
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from ..datasets.reviews import words_of

TRADITIONAL = {
    "logistic regression": (LogisticRegression(max_iter=100),
                            {"C": [0.1, 1, 10]}),
    "nearest neighbours": (KNeighborsClassifier(),
                           {"n_neighbors": [1, 3, 5]}),
    "decision tree": (DecisionTreeClassifier(random_state=0),
                      {"min_samples_leaf": [1, 3, 10]}),
    "random forest": (RandomForestClassifier(100, random_state=0),
                      {"max_features": ["sqrt", 0.3]}),
    "SVM": (SVC(C=10), {"gamma": [0.01, 0.03, 0.1, 0.3]}),
    # where nothing is known of the inputs' scale
    "SVM, scaled": (make_pipeline(MaxAbsScaler(), SVC()), {
        "svc__C": [1, 10, 100], "svc__kernel": ["rbf", "linear"]}),
    # 2.2's table of new forms has it; contest.csv does not
    "boosted trees": (HistGradientBoostingClassifier(random_state=0),
                      {"learning_rate": [0.1, 0.3]}),
}


@contextmanager
def quiet():
    """One thread, for the work is small, and no word of a model that
    stopped early or saw no example of a class."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def choose(name, X, y, seed=0):
    """A traditional model and its best setting in threefold validation.

    X: (n, features), y: (n,). Returns (model, setting), not fitted to all.
    """
    model, grid = TRADITIONAL[name]
    folds = KFold(3, shuffle=True, random_state=seed)
    with quiet():
        search = GridSearchCV(model, grid, cv=folds, refit=False).fit(X, y)
    setting = search.best_params_
    return clone(model).set_params(**setting), setting


def sound_features(X):
    """What speech engineers compute of a sound; (n, samples) -> (n, 65).

    Thirteen cepstral coefficients (loudness of 20 bands as the ear hears
    them, in logarithms, cosine transformed), averaged over each fifth of
    the sound, however long it is.
    """
    power = tf.abs(tf.signal.stft(X, 256, 128))  # (n, frames, 129)
    ear = tf.signal.linear_to_mel_weight_matrix(20, 129, 8000, 80, 3800)
    bands = tf.math.log(power @ ear + 0.01)
    C = np.asarray(tf.signal.mfccs_from_log_mel_spectrograms(bands))[..., :13]
    ends = X.shape[1] - (X[:, ::-1] != 0).argmax(axis=1)
    return np.array([np.concatenate([
        part.mean(axis=0) for part in np.array_split(c[:end // 128], 5)])
        for c, end in zip(C, ends)])


def runs_of_words(longest):
    """Counts which runs of up to `longest` words a text holds."""
    return CountVectorizer(tokenizer=words_of, token_pattern=None,
                           ngram_range=(1, longest), binary=True)
