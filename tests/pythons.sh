# shellcheck shell=sh
# pythons - the interpreters that cases of the helper package run on.
#
# PYTHONS names them when it is set; else what is on PATH, the system's, and
# those of pyenv.

python_package=$TESTS/../python
export PYTHONPATH="$python_package/src" PYTHONDONTWRITEBYTECODE=1
unset PYTEST_ADDOPTS PYTEST_PLUGINS PYTHONMALLOC

# pythons MODULE...: a line for each that is new enough and has the modules.
pythons() {
	for python in ${PYTHONS:-python3 /usr/bin/python3 \
		"${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3}; do
		"$python" - "$@" 2>/dev/null <<-'EOT' || true
			import importlib, os, sys
			for module in sys.argv[1:]:
			    importlib.import_module(module)
			if sys.version_info >= (3, 8):
			    print(os.path.realpath(sys.prefix), sys.executable)
		EOT
	done | sort -u -k 1,1 | cut -d " " -f 2-
}
