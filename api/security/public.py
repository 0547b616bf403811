"""Which operations serve who does not say who they are, and which serve everybody who does. Others need a permission.

A test compares these lists with the routes, so that none is open by oversight.
"""

from typing import Final

# By the name of the operation.
PUBLIC: Final = frozenset(
    {
        # What makes one known.
        "register",
        "log_in",
        "refresh_access",
        "list_public_keys",
        "show_invitation",
        "accept_invitation",
        # Proved otherwise, by a signed link.
        "show_approval_link",
        "read_approval_link",
        # About the program, not about anybody's data.
        "health",
        "ready",
        "metrics",
        "list_problem_kinds",
        "explain_problem",
        "documentation_page",
        "documentation_script",
        "documentation_file",
    }
)
EVERYBODY: Final = frozenset({"get_me"})
