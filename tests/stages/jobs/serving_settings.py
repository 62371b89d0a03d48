"""The production settings, with a stand-in for the worker."""

from saferpractice.config.settings import *  # noqa: F403
from saferpractice.config.settings import INSTALLED_APPS as PRODUCTS

INSTALLED_APPS = ["tests.stages.jobs.standin", *PRODUCTS]
