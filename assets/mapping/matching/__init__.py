"""Which column of one schema means the same as which of another, with a calibrated probability. No LLM is needed.

Here: words, similarities of names, texts and values, the scored model, the one-to-one choice, reading files of columns.
Not here: deciding what is applied (`mapping.policy`), fitting the model (`orchestration.bench.matching`).
"""
