"""Everything that depends on Streamlit's internals: its page, scripts, settings, cookies, messages and loggers.

Upgrading Streamlit affects only this folder. `tests/app/serving/streamlit_host/test_conformance.py` lists the tested
versions and checks each assumption. `tests/whole/test_streamlit_fence.py` checks that no other module makes such an
assumption.
"""
