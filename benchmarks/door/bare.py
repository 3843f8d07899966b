"""What the event door is measured against: Flask alone, which parses the same JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, jsonify, request

if TYPE_CHECKING:
    from flask import Response


def build() -> Flask:
    """Make the application; gunicorn calls it in each worker."""
    app = Flask(__name__)

    @app.post("/ui/events")
    def post_event() -> Response:
        body = request.get_json()
        return jsonify(request_id="0" * 32, event_id=body["event"], mode="dry_run", results=[])

    return app
