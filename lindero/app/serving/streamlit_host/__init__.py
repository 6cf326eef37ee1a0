"""All that depends on the insides of Streamlit: its page, scripts, settings, cookies, messages and loggers.

An upgrade of Streamlit is this folder's work. `tests/app/serving/streamlit_host/test_conformance.py` names the versions
that were tried and checks each assumption; `tests/whole/test_streamlit_fence.py` holds that no other module makes one.
"""
