"""Steps between the servers and what uses them, each a process of its own, so that a supervisor which lives for months
does not carry Alembic and Dagster around: `python -m orchestration.embedded.provision control-plane|dagster`.

Both bring everything to what this version expects and do nothing where it already is. Settings come by environment.
"""

import sys
from urllib.parse import unquote, urlsplit

from orchestration.resources.secrets import load_secrets
from orchestration.resources.settings import Settings


def main(step: str) -> int:
    """Run one step; exit code 1 and one sentence when it cannot be done."""
    from orchestration.control_plane.errors import ControlPlaneError

    settings = Settings()
    try:
        prepare_control_plane(settings) if step == "control-plane" else prepare_dagster(settings)
    except ControlPlaneError as error:
        sys.stderr.write(f"{error}{f' ({error.detail})' if error.detail else ''}\n")
        return 1
    return 0


def prepare_control_plane(settings: Settings) -> None:
    """Databases, roles, migrations."""
    from orchestration.control_plane.migrations.runner import migrate
    from orchestration.control_plane.provisioning import provision

    if settings.admin_url:
        provision(settings.admin_url, load_secrets(settings.home))
    migrate(settings.owner_url)
    _let_the_app_see_the_revision(settings)


def _let_the_app_see_the_revision(settings: Settings) -> None:
    """Readiness tells whether the tables fit this version, with the login that serves requests."""
    from psycopg2 import sql

    from orchestration.embedded.postgres import connection

    role = unquote(urlsplit(settings.database_url).username or "")
    with connection(settings.owner_url) as opened, opened.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT SELECT ON alembic_version TO {}").format(sql.Identifier(role)))


def prepare_dagster(settings: Settings) -> None:
    """Dagster's folder and tables, before several of its processes would make them at once."""
    from orchestration.dagster_home import create_dagster_tables, write_dagster_home

    write_dagster_home(settings, settings.workers)
    create_dagster_tables(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
