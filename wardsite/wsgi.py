"""What a WSGI server loads: `wardsite.wsgi:application`."""

from wardsite.application import create_app

application = create_app()
