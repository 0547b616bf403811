"""Writes the OpenAPI document where the dashboard's client is generated from: `python -m api.openapi_file [FILE]`.

The document depends on the program alone: no server is asked, and no setting is in it.
"""

import base64
import json
import sys
from pathlib import Path

from api.app import create_app
from orchestration.resources.settings import REPOSITORY, Settings

DASHBOARD_COPY = REPOSITORY / "frontend" / "openapi.json"


def openapi_text() -> str:
    """The document as it is kept: sorted, so that a change of it is read as one."""
    nowhere = Settings(database_url="postgresql+psycopg2://nobody@127.0.0.1:1/none", master_key=_no_key())
    return json.dumps(create_app(nowhere).openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _no_key() -> str:
    return base64.b64encode(bytes(32)).decode()


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else DASHBOARD_COPY).write_text(openapi_text(), encoding="utf-8")
