#!/bin/sh
# Makes a Debian or Ubuntu machine ready for the bot, or brings it up to date: account, directories, packages by their
# hashes, service, nightly backup. As root, from a checkout of the project; again after each `git pull`. It asks
# nothing, and changes nothing that is already as it should be.
#
#   git clone ADDRESS /srv/campaign && /srv/campaign/deploy/install.sh
#
# Settings, data, keys and backups that are there stay as they are.
set -eu

PLACE=/srv/campaign
BACKUPS=/var/backups/campaign
ACCOUNT=campaign
UNITS=/etc/systemd/system

say() { printf '%s\n' "$*"; }
stop() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
[ "$(id -u)" -eq 0 ] || stop "run it as root: sudo $0"
[ "$checkout" = "$PLACE" ] ||
    stop "the project has to be in $PLACE and is in $checkout: mv '$checkout' $PLACE && $PLACE/deploy/install.sh"
umask 022

# What Debian leaves out of a small installation.
needs=
command -v python3 >/dev/null || needs="$needs python3"
python3 -c 'import ensurepip, venv' 2>/dev/null || needs="$needs python3-venv"
[ -e /etc/ssl/certs/ca-certificates.crt ] || needs="$needs ca-certificates"
if [ -n "$needs" ]; then
    command -v apt-get >/dev/null || stop "install these packages and run it again:$needs"
    say "Installing$needs"
    apt-get update -qq
    # shellcheck disable=SC2086 # several packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $needs >/dev/null
fi
python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
    stop "$(python3 --version) will not do: the packages are locked for Python 3.11 to 3.13."

if ! getent passwd "$ACCOUNT" >/dev/null; then
    say "Making the account $ACCOUNT"
    useradd --system --user-group --no-create-home --home-dir "$PLACE" --shell /usr/sbin/nologin "$ACCOUNT"
fi

# It may have been fetched by somebody whose files nobody else can read.
chmod 755 "$PLACE"
chmod -R u=rwX,go=rX "$PLACE/bot" "$PLACE/content" "$PLACE/deploy" "$PLACE/run_bot.py" "$PLACE/constraints.txt"

# The program belongs to root: whoever gets into the bot cannot change it. Only what it writes is the bot's.
find "$PLACE" \( -path "$PLACE/data" -o -path "$PLACE/.env" \) -prune -o -user "$ACCOUNT" -exec chown -h root:root {} +
install -d -m 700 -o "$ACCOUNT" -g "$ACCOUNT" "$PLACE/data" "$BACKUPS"
if [ ! -e "$PLACE/.env" ]; then
    say "Making $PLACE/.env"
    install -m 600 -o "$ACCOUNT" -g "$ACCOUNT" "$PLACE/.env.example" "$PLACE/.env"
fi

# The mark is written last: an installation that was broken off is done again.
lock=$(sha256sum "$PLACE/deploy/requirements.lock" | cut -d ' ' -f 1)
python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
mark="$PLACE/.venv/installed"
if [ "$(cat "$mark" 2>/dev/null)" != "$python $lock" ]; then
    say "Installing the packages"
    case "$(cat "$mark" 2>/dev/null)" in
        "$python "*) rm "$mark" ;;
        *) rm -rf "$PLACE/.venv" ;;
    esac
    [ -x "$PLACE/.venv/bin/pip" ] || python3 -m venv "$PLACE/.venv"
    "$PLACE/.venv/bin/pip" install -q --disable-pip-version-check --no-input \
        --require-hashes --only-binary :all: -r "$PLACE/deploy/requirements.lock"
    printf '%s %s\n' "$python" "$lock" >"$mark"
fi
"$PLACE/.venv/bin/python" -m compileall -q "$PLACE/bot"

# A change with faults is found here, and not by a bot that does not start again.
cd "$PLACE"
campaign() { setpriv --reuid "$ACCOUNT" --regid "$ACCOUNT" --clear-groups .venv/bin/python run_bot.py "$@"; }
campaign check >/dev/null ||
    stop "the content has the problems above: nothing was restarted."

campaign upgrade --dry-run >/dev/null ||
    stop "the database cannot be brought up to date, for the reason above: nothing was restarted."

for unit in campaign.service campaign-backup.service campaign-backup.timer; do
    if ! cmp -s "$PLACE/deploy/$unit" "$UNITS/$unit"; then
        say "Making $UNITS/$unit"
        install -D -m 644 "$PLACE/deploy/$unit" "$UNITS/$unit"
    fi
done

if [ ! -d /run/systemd/system ]; then
    ! command -v systemctl >/dev/null || systemctl -q enable campaign.service campaign-backup.timer
    say "Ready. No systemd runs here, so nothing was started: cd $PLACE && setpriv --reuid $ACCOUNT --regid $ACCOUNT" \
        "--clear-groups .venv/bin/python run_bot.py"
    exit 0
fi
systemctl daemon-reload
systemctl -q enable campaign.service campaign-backup.timer
systemctl start campaign-backup.timer
systemctl restart campaign.service
say "Ready, and started: systemctl status campaign, journalctl -u campaign -o cat -f. Settings are in $PLACE/.env;" \
    "after a change: systemctl restart campaign"
