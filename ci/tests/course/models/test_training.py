"""Adam, and many networks at once."""
import numpy as np

# ---- the trainer ----


def test_adam_finds_the_bottom_of_a_bowl():
    import tensorflow as tf

    from course.models.training import adam
    w = tf.Variable([3.0, -4.0])
    adam(lambda step: tf.reduce_sum((w - [1.0, 2.0])**2), [w], 400, 0.1)
    assert np.allclose(w, [1, 2], atol=1e-2)


def test_the_preference_loss_is_that_of_the_exercise():
    from course.exercises import chapter8
    from course.models.training import dpo_loss
    four = np.random.default_rng(0).normal(size=(4, 9)) - 3
    for beta in (0.1, 2.0):
        assert np.isclose(dpo_loss(*four, beta), chapter8.dpo(*four, beta))
    same = four[0], four[1], four[0], four[1]
    assert np.isclose(dpo_loss(*same, 0.3), np.log(2))


def two_classes(rng, m=300):
    X = rng.normal(size=(m, 2)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(int)


def test_each_network_learns_from_its_own_pool():
    """The second pool has the classes the other way round."""
    import tensorflow as tf

    from course.models import training
    from course.models.training import train
    rng = np.random.default_rng(0)
    X, y = two_classes(rng)
    both, names = np.concatenate([X, X]), np.concatenate([y, 1 - y])
    weights = training.start([2, 2], 2, rng)
    P = np.repeat(np.eye(2)[names][None], 2, axis=0)
    train(lambda x: x @ weights[0] + weights[1], weights, both, P, 200, 0,
          lr=0.05, pools=[np.arange(300), np.arange(300, 600)])
    z = (tf.constant(X)[None] @ weights[0] + weights[1]).numpy()
    first, second = np.mean(z.argmax(axis=-1) == y, axis=1)
    assert first > 0.95 and second < 0.05


def test_a_temperature_makes_logits_larger():
    """softmax(z / T) is to meet the same targets, so z grows like T."""
    from course.models import training
    from course.models.training import train
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2)).astype(np.float32)
    p = 1 / (1 + np.exp(-X[:, 0]))
    weights = training.start([2, 2], 2, rng)
    train(lambda x: x @ weights[0] + weights[1], weights, X,
          np.repeat(np.stack([1 - p, p], axis=1)[None], 2, axis=0), 800, 0,
          lr=0.05, T=np.array([1.0, 4])[:, None, None])
    slope = (weights[0][:, 0, 1] - weights[0][:, 0, 0]).numpy()
    assert np.allclose(slope, [1, 4], rtol=0.1)
