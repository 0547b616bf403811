"""A page for each type of problem, which its `type` points to."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.problems import NotFound, kinds, problems

router = APIRouter(prefix="/problems", tags=["operations"])


class ProblemKindOut(BaseModel):
    """One type of problem."""

    type: str = Field(examples=["/problems/precondition-failed"])
    status: int = Field(description="The status code of its answers.", examples=[412])
    title: str = Field(examples=["It was changed since you read it"])
    what_to_do: str = Field(examples=["Read it again, decide again, and send the change with the new ETag."])


@router.get("")
async def list_problem_kinds() -> list[ProblemKindOut]:
    """Every type of problem, by status."""
    listed = sorted(kinds().values(), key=lambda kind: (kind.status, kind.slug))
    return [_out(kind.slug) for kind in listed]


@router.get("/{slug}", responses=problems(NotFound))
async def explain_problem(slug: str) -> ProblemKindOut:
    """What one type of problem means, and what to do about it."""
    if slug not in kinds():
        raise NotFound
    return _out(slug)


def _out(slug: str) -> ProblemKindOut:
    kind = kinds()[slug]
    return ProblemKindOut(type=f"/problems/{slug}", status=kind.status, title=kind.title, what_to_do=kind.advice)
