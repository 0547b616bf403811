"""The matcher's bench: schemas made from dictionaries, how the matcher is fitted and calibrated, and its figures.

Reading order: concepts, styles, values, written, tasks, canonical_set and given_set make the sets; measures, scoring,
fitting, calibrating and model_file make the model; bench and picture show it.
"""
