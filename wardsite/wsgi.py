"""What a WSGI server loads: `wardsite.wsgi:application`."""

import gc

from flask import Flask

from wardsite.ops.schema import is_damaged
from wardsite.settings import load_settings


def _load() -> Flask:
    # What is made while loading stays; to look through it again and again for what does not
    # (the collector of cycles) took a third of the time until the first answer.
    gc.disable()
    from wardsite.application import create_app
    from wardsite.mandate.service import APART

    try:
        settings = load_settings()
        app = create_app(settings, damaged=is_damaged(settings.instance))
        app.config[APART] = True
        return app
    finally:
        gc.enable()
        gc.freeze()


application = _load()
