"""The HTTP interface as a plain page, made from the OpenAPI document: readable without network and without scripts."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body{{font:1rem/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1b2a33}}
h2{{margin-top:2.5rem;border-bottom:1px solid #9ab}} h3{{margin-bottom:.2rem;font-family:ui-monospace,monospace;font-size:1rem}}
h3 b{{display:inline-block;min-width:3.5rem;color:#0033cc}} p{{margin:.2rem 0 .6rem}} p,ul{{margin-left:3.8rem}}
code,pre{{font-family:ui-monospace,monospace;background:#eef3f6;padding:.1rem .3rem}} .lead{{margin-left:0;white-space:pre-line}}
</style></head><body>
"""


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> str:
    """Every route with its summary, description, parameters and replies."""
    document = request.app.openapi()
    info = document["info"]
    lines = [
        HEAD.format(title=escape(f"{info['title']} {info['version']}")),
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f'<p class="lead">{_words(info["description"].strip())}</p>',
        '<p class="lead">Machine-readable: <a href="/openapi.json">openapi.json</a></p>',
    ]
    for tag in document["tags"]:
        lines.append(f'<h2>{escape(tag["name"])}</h2><p class="lead">{escape(tag["description"])}</p>')
        for path, operations in document["paths"].items():
            lines += [_operation(path, m, o) for m, o in operations.items() if tag["name"] in o.get("tags", ())]
    return "\n".join([*lines, "</body></html>"])


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<li><code>{escape(p['name'])}</code> {escape(p.get('description', ''))}</li>"
        for p in operation.get("parameters", ())
    )
    replies = ", ".join(code for code in operation["responses"] if code.isdecimal())
    return (
        f"<h3><b>{method.upper()}</b> {escape(path)}</h3><p><strong>{escape(operation['summary'])}.</strong> "
        f"{_words(operation.get('description', ''))} <em>Replies: {replies}</em></p>"
        + (f"<ul>{parameters}</ul>" if parameters else "")
    )


def _words(text: str) -> str:
    """Escaped text with the two marks that our descriptions use: `code` and **strong**."""
    for mark, tag in (("`", "code"), ("**", "strong")):
        parts = text.split(mark)
        text = "".join(p if i % 2 == 0 else f"\0{tag}\1{p}\0/{tag}\1" for i, p in enumerate(parts))
    return escape(text).replace("\0", "<").replace("\1", ">")
