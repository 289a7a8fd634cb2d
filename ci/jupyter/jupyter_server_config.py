"""What JupyterLab does in `python3 ci lab`, beside the reader's settings."""
VIEW = "application/vnd.jupyter.widget-view+json"


def without_views(model, **_):
    """Saves a figure with knobs as its picture.

    Knobs need the kernel that made them: opened another day, the page would
    say "Error displaying widget" in place of the figure.
    """
    if model["type"] != "notebook" or not model.get("content"):
        return
    for cell in model["content"]["cells"]:
        for out in cell.get("outputs", []):
            if "image/png" in out.get("data", {}):
                out["data"].pop(VIEW, None)


c.ContentsManager.pre_save_hook = without_views  # noqa: F821
