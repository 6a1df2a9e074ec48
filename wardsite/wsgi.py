"""What a WSGI server loads: `wardsite.wsgi:application`."""

from wardsite.application import create_app
from wardsite.ops.schema import is_damaged
from wardsite.settings import load_settings

settings = load_settings()
application = create_app(settings, damaged=is_damaged(settings.instance))
