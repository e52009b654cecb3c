"""Instead of the page, when it was not built: how to build it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

NOTE = """<!doctype html>
<html lang="de"><head><meta charset="utf-8"><title>flood_sim</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style></head><body>
<h1>flood_sim</h1>
<p>Der Dienst läuft. Die Kartenseite ist in dieser Installation noch nicht gebaut.</p>
<p lang="en">The service is running. The map page has not been built in this installation yet.</p>
<pre>make setup</pre>
<p>Oder von Hand (Node.js ab Version 20) / or by hand (Node.js 20 or newer):</p>
<pre>cd api/web
npm ci
npm run build</pre>
<p><a href="/docs">Schnittstelle / HTTP interface</a></p>
</body></html>
"""


@router.get("/", response_class=HTMLResponse)
def page() -> str:
    return NOTE
