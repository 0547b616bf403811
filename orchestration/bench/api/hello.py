"""The baseline: the least a FastAPI application can do, served the same way as ours."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def hello() -> dict[str, str]:
    """Says hello."""
    return {"hello": "world"}
