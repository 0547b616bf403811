"""Files and functions stay short enough to be read in one go."""

from tests.architecture.source_tree import PACKAGES, functions, python_files, shown

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
NAMED = 5  # how many of the longest a failure names, so that one sees what comes next


def test_no_file_is_too_long() -> None:
    lengths = [(len(path.read_text().splitlines()), shown(path)) for path in python_files(*PACKAGES, "tests")]
    longest = sorted(lengths, reverse=True)[:NAMED]
    assert longest[0][0] <= LONGEST_FILE, longest


def test_no_function_is_too_long() -> None:
    found = [function for path in python_files(*PACKAGES, "tests") for function in functions(path)]
    longest = sorted(found, reverse=True)[:NAMED]
    assert longest[0][0] <= LONGEST_FUNCTION, longest
