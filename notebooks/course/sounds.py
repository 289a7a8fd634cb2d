"""A player for sounds that also plays on a page nobody has run yet."""

import IPython.display


class Audio(IPython.display.Audio):
    """IPython's player, its sound in the `audio` element itself.

    Of a notebook that was not run here JupyterLab keeps an `audio`'s src
    and drops that of a `source` inside it: IPython's own player is mute.
    """

    def _repr_html_(self):
        return f'<audio controls src="{self.src_attr()}"></audio>'
