"""What wardsite is measured against and is no part of it: installed under bench/.cache, once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import servers
from bench.content import BODY, WORDS
from bench.servers import Server

CACHE = Path(__file__).parent / ".cache"
_SETTINGS = """
from .base import *
import os
DEBUG = False
SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if os.environ.get("PAGE_CACHE"):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware", *MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
"""
_MODELS = """
from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page


class PostPage(Page):
    summary = models.TextField(blank=True)
    body = RichTextField(blank=True)


class HomePage(Page):
    def get_context(self, request):
        posts = PostPage.objects.live().public().order_by("-first_published_at")[:12]
        return {**super().get_context(request), "posts": posts}
"""
_HOME = """{% extends "base.html" %}{% load wagtailcore_tags %}{% block content %}
<h1>{{ page.title }}</h1>{% for post in posts %}<article><h2><a href="{% pageurl post %}">
{{ post.title }}</a></h2><time>{{ post.first_published_at|date:"d/m/Y" }}</time>
<p>{{ post.summary }}</p></article>{% endfor %}{% endblock %}"""
_FILL = """
import sys
from datetime import timedelta
from django.utils import timezone
from wagtail.models import Page
from home.models import HomePage, PostPage
home = HomePage.objects.first()
now = timezone.now()
for n in range(int({count})):
    home.add_child(instance=PostPage(
        title=f"Thông báo số {{n}} về việc tiêm chủng và khai báo y tế", slug=f"thong-bao-{{n}}",
        summary={words!r}, body={body!r}, first_published_at=now - timedelta(minutes=n)))
"""


def installed(name: str, packages: list[str]) -> Path:
    """Return an environment of its own with packages from PyPI, made when it is not there."""
    folder = CACHE / name
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"  installing {' '.join(packages)}", file=sys.stderr, flush=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(folder / "bin" / "pip"), "install", "-q", *packages])
        (folder / "ready").touch()
    return folder


def beside(packages: list[str]) -> Path:
    """Return a folder for PYTHONPATH with packages from PyPI that run in our environment."""
    folder = CACHE / "beside"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        _run([uv, "pip", "install", "-q", "--target", str(folder), *packages])
        (folder / "ready").touch()
    return folder


def wagtail_site(posts: int) -> Path:
    """Return a Wagtail project as `wagtail start` makes it, with a page type for posts."""
    environment = installed("wagtail", ["wagtail", "granian"])
    site = CACHE / f"site-{posts}"
    if (site / "ready").exists():
        return site
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    _run([str(environment / "bin" / "wagtail"), "start", "mysite", str(site)])
    (site / "mysite" / "settings" / "bench.py").write_text(_SETTINGS)
    (site / "home" / "models.py").write_text(_MODELS)
    (site / "home" / "templates" / "home" / "home_page.html").write_text(_HOME)
    (site / "home" / "templates" / "home" / "post_page.html").write_text(
        '{% extends "base.html" %}{% load wagtailcore_tags %}{% block content %}'
        "<h1>{{ page.title }}</h1>{{ page.body|richtext }}{% endblock %}"
    )
    fill = _FILL.format(count=posts, words=WORDS, body=BODY)
    for arguments in (["makemigrations", "home"], ["migrate", "-v0"], ["shell", "-c", fill]):
        _run([str(environment / "bin" / "python"), "manage.py", *arguments], site)
    (site / "ready").touch()
    return site


@contextmanager
def wagtail(posts: int, *, page_cache: bool) -> Iterator[Server]:
    """Serve Wagtail's site under the same server, on one core."""
    site = wagtail_site(posts)
    port = servers.free_port()
    command = [str(CACHE / "wagtail" / "bin" / "python"), "-m", "granian", "--interface", "wsgi"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "4", "--no-ws"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "mysite.settings.bench",
        "PYTHONPATH": str(site),
        "PAGE_CACHE": "1" if page_cache else "",
    }
    where = f"http://127.0.0.1:{port}"
    with servers.process([*command, "mysite.wsgi:application"], where, environment, site) as server:
        yield server


def _run(command: list[str], folder: Path | None = None) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "mysite.settings.bench"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])}: {done.stderr[-2000:]}")
