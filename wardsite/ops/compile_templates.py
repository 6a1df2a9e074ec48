"""Compile every template ahead of the first start: `python -m wardsite.ops.compile_templates`."""

import tempfile
from pathlib import Path

from wardsite.accounts.secret import make_secret_key
from wardsite.application import close_app, create_app
from wardsite.settings import settings_from


def main() -> None:
    """Load each template as the site would; what is current is left as it is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_secret_key(folder)
        app = create_app(settings_from(folder, {"unit_id": "x", "unit_kind": "ward"}, {}))
        for template in app.jinja_env.list_templates(extensions=["html", "xml"]):
            if not template.startswith("parent/"):  # the parent unit's reports: not of the site
                app.jinja_env.get_template(template)
        close_app(app)


if __name__ == "__main__":
    main()
