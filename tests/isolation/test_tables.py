"""Every table of the catalog refuses another tenant, whatever the query."""

import pytest

from tests.isolation.checks import operator_violations, table_violations
from tests.isolation.identity_checks import identity_violations
from tests.isolation.two_tenants import TwoTenants, owned_tables, undone

pytestmark = pytest.mark.servers


def test_no_table_shows_or_takes_another_tenants_rows(two_tenants: TwoTenants) -> None:
    with undone(two_tenants.database) as connection:
        assert len(owned_tables(connection)) >= 13
        assert table_violations(connection, two_tenants) == []


def test_the_operator_sees_all_tenants_and_none_of_their_secrets(two_tenants: TwoTenants) -> None:
    with undone(two_tenants.database) as connection:
        assert operator_violations(connection, two_tenants) == []


def test_the_identity_login_knows_people_and_no_business(two_tenants: TwoTenants) -> None:
    with undone(two_tenants.database) as connection:
        assert identity_violations(connection, two_tenants) == []
