"""Sunspots (4.2)."""


def load_sunspots():
    """Yearly mean sunspot numbers, 1700 to 2008, shipped by statsmodels (4.2).

    Returns years int (309,) and values float (309,), in spots.
    Source: National Geophysical Data Center, public domain.
    """
    from statsmodels.datasets import sunspots
    data = sunspots.load_pandas().data
    return (data["YEAR"].to_numpy().astype(int),
            data["SUNACTIVITY"].to_numpy().astype(float))
