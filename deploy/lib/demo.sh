# shellcheck shell=bash
# The demo hub: applied once, its sign-ins shown once. Sourced after layout.sh.

demo_apply() { :; }
demo_sign_ins() { :; }
