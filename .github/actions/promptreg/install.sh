#!/usr/bin/env bash
# Installs the wheel once its hash is checked, and puts the program on the PATH of the steps that follow.
set -euo pipefail

fail() {
    printf '::error title=promptreg::%s\n' "$1"
    exit 1
}

[[ $SHA256 =~ ^[0-9A-Fa-f]{64}$ ]] || fail "the input 'sha256' has to be 64 hexadecimal digits"
name=${WHEEL%%[?#]*}
name=${name##*/}
[[ $name =~ ^promptreg_cli-[A-Za-z0-9_.+-]+\.whl$ ]] || fail "the input 'wheel' has to name a wheel of promptreg_cli"

# A folder of its own, because a virtual environment on the PATH would change the Python of the steps that follow.
folder=$RUNNER_TEMP/promptreg-${SHA256,,}
if [[ ! -x $folder/bin/promptreg ]]; then
    file=$(mktemp -d "$RUNNER_TEMP/wheel-XXXXXX")/$name
    case $WHEEL in
    https://*)
        curl --silent --show-error --fail --location --proto '=https' --retry 3 --max-time 300 \
            --output "$file" --url "$WHEEL" || fail "the wheel could not be downloaded"
        ;;
    *://*) fail "the input 'wheel' has to be an https URL or a path" ;;
    *) cp -- "$WHEEL" "$file" || fail "the wheel could not be read" ;;
    esac
    found=$(sha256sum <"$file")
    [[ ${found%% *} == "${SHA256,,}" ]] ||
        fail "the wheel has the SHA-256 ${found%% *}, not the one of the input 'sha256'; nothing was installed"
    # Isolated, as Python would take modules from the checkout, which is the current folder.
    python3 -I -m pip install --quiet --disable-pip-version-check --no-index --no-deps --target "$folder" "$file"
fi
[[ -x $folder/bin/promptreg ]] || fail "the wheel holds no program"
printf '%s\n' "$folder/bin" >>"$GITHUB_PATH"
