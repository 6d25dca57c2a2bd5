# ---- what every step uses ----------------------------------------------------------------------

say() { printf '%s\n' "$*"; }

# Stops with a sentence; what was recorded as sent can be undone or gone on with (see on_exit).
stop() {
  printf '\nSTOPPED: %s\n' "$*" >&2
  exit 1
}

# Only plain ids are ever put into a command.
plain() {
  local LC_ALL=C
  [[ $1 =~ ^[A-Za-z0-9:/_.,-]+$ && $1 != None ]]
}

printable() {
  local LC_ALL=C
  printf '%s' "${1//[^ -~]/?}"
}

# Answers come from the terminal, so that a pipe into this script cannot say yes by accident.
if { : </dev/tty; } 2>/dev/null; then exec 3</dev/tty; else exec 3<&0; fi

ask() {
  printf '%s ' "$1"
  IFS= read -r answer <&3 || { say ''; stop 'nobody is there to answer; nothing was sent since the last step'; }
}

# Says what was sent for a step that nobody agrees to: of one of an earlier attempt nobody knows what came of it.
so_far() {
  if [ "${again:-}" = yes ]; then
    printf '%s' "nothing more was sent for this, but it was sent before, and whether it happened is not known. Look: if it is so, add the line “done $step” to $record"
  else
    printf 'nothing was sent for this'
  fi
}

confirm() {
  say "  ? $1"
  ask '    yes or no:'
  [ "$answer" = yes ] || stop "answered “$(printable "$answer")”, not “yes”; $(so_far)"
}

type_name() {
  say "  ? $3"
  ask "    type $1 (or $1@$2) to go on:"
  [ "$answer" = "$1" ] || [ "$answer" = "$1@$2" ] || stop "the name is not the one asked for; $(so_far)"
}

# Asks whether a step is done that may be left out; what comes after it does not need it. Once it was sent nobody can
# leave it out by an answer.
wanted() {
  if [ "$again" = yes ]; then
    say '  ! It was sent before, and whether it happened is not known: only the way on is left, or a look.'
    say "    If it did not happen and is to be left out, add the line “left $step” to $record"
    return 0
  fi
  say "  ? $1"
  ask '    do this step, yes or no:'
  case $answer in
    yes) return 0 ;;
    no)
      note "left $step"
      say '    left out'
      return 1
      ;;
  esac
  stop "answered “$(printable "$answer")”, neither “yes” nor “no”; nothing was sent for this"
}

instruct() {
  say '  ! You:'
  printf '      %s\n' "$@"
  confirm 'Is this done?'
}

# What aws says about a failure may quote anything; only plain text reaches the terminal.
quietly() {
  { aws "$@" </dev/null 2>&1 1>&4 | LC_ALL=C tr -c '\n -~' '?' >&2; } 4>&1
}

# One changing call. The aws command line must not send it again by itself: a call without a token
# that is sent twice makes two of everything.
send() {
  AWS_MAX_ATTEMPTS=1 quietly "$1" "$2" "${options[@]}" --cli-input-json "$3" "${@:4}"
}

look() {
  quietly "$1" "$2" "${options[@]}" --cli-input-json "$3" --query "$4"
}

state_of() {
  local seen
  seen=$(look "$@") || return 1
  seen=${seen//[$'\t\n']/ }
  printable "$seen"
}

among() { case "|$2|" in *"|$1|"*) return 0 ;; *) return 1 ;; esac }

# Whether the wanted state holds already: holds WANTED SERVICE API JSON QUERY
holds() {
  local seen
  seen=$(state_of "${@:2}" 2>/dev/null) || return 1
  among "$seen" "$1" || return 1
  say "    already so: $seen"
}

# Looks until a wanted state: poll SECONDS WANTED FATAL SERVICE API JSON QUERY
poll() {
  local until=$((SECONDS + $1)) seen='' before='' silent=0
  while :; do
    if seen=$(state_of "${@:4}"); then
      silent=0
      [ "$seen" = "$before" ] || say "    $(date -u +%H:%M:%SZ) $seen"
      before=$seen
      if among "$seen" "$2"; then return 0; fi
      if among "$seen" "$3"; then stop "step $step ($title) went to “$seen”, which does not mend itself"; fi
    else
      silent=$((silent + 1))
      ((silent < 12)) || stop "step $step ($title) could not be read 12 times in a row: it is gone, or the credentials are"
    fi
    ((SECONDS < until)) || stop "step $step ($title) is “$before” after $1 seconds; it may still get there: look, then go on"
    sleep "$DEFIB_POLL"
  done
}

# ---- the record of this run: what was sent, what came back --------------------------------------

note() { printf '%s\n' "$1" >>"$record" || stop "$record cannot be written; nothing was sent for this"; }
noted() { grep -qxF -- "$1" "$record"; }

begin() {
  step=$1 title=$2 again=''
  if noted "done $step"; then
    say "= $step $title (done before)"
    return 1
  fi
  if noted "left $step"; then
    say "= $step $title (left out before)"
    return 1
  fi
  if noted "sent $step"; then again=yes; fi
  say "> $step $title"
}

sending() { note "sent $step"; }

finish() {
  note "done $step"
  say "    done"
}

refused() {
  stop "step $step ($title): the call failed, see above. If that was not an answer of AWS (no network, a time-out), it may have taken effect: look before you go on"
}

# A call that was sent in an earlier attempt may be refused because it is under way.
refused_again() {
  [ "$again" = yes ] || refused
  say '    refused; it was sent before, so its effect is looked for'
}

never_twice() {
  [ "$again" != yes ] || stop "step $step ($title) was sent before and has no token: sending it again could make a second one. Look for the tags defib:run=$DEFIB_RUN and defib:step=$1. If it is there, add the lines “$2” and “done $step” to $record; if not, remove the line “sent $step”"
}

keep() {
  plain "${!1}" || stop "step $step ($title): the answer has no usable id in $1: “$(printable "${!1}")”"
  note "$1=${!1}"
  say "    $1 ${!1}"
}

# Reads what the answer of a call does not tell: told SERVICE API JSON QUERY NAME…
told() {
  local found name
  found=$(look "${@:1:4}") || stop "step $step ($title): what came of it cannot be read; look, then go on"
  IFS=$'\t' read -r "${@:5}" <<<"$found"
  for name in "${@:5}"; do keep "$name"; done
}

# User data stays where it is: it is read right before it is sent, and not recorded.
read_user_data() {
  user_data=$(look ec2 describe-instance-attribute "{\"InstanceId\":\"$1\",\"Attribute\":\"userData\"}" UserData.Value) ||
    stop "the user data of $1 cannot be read; nothing was sent for this"
  case $user_data in '' | None) stop "$1 has no user data any more; nothing was sent for this" ;; esac
}

recall() {
  local name value
  while IFS='=' read -r name value; do
    if [[ $name =~ ^step_[0-9]+_[a-z_]+$ ]] && plain "$value"; then printf -v "$name" '%s' "$value"; fi
  done <"$record"
}

new_run() {
  local hex
  hex=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s-%s-%s-%s-%s' "${hex:0:8}" "${hex:8:4}" "${hex:12:4}" "${hex:16:4}" "${hex:20:12}"
}

# Announces the commands of undo_help, once.
back() {
  [ "$announced" = yes ] || say 'To take back what was sent, run these one by one, in this order, reading each first:'
  announced=yes
  say "# back from step $1: $2"
}

on_exit() {
  local code=$?
  trap - EXIT
  if ((code != 0)) && grep -q '^sent ' "$record" 2>/dev/null; then
    {
      if [ "$(grep -xE 'down|up' "$record" | tail -n 1)" = down ]; then
        say 'THE SERVICE MAY BE DOWN: go on, or take it back.'
      fi
      say "To go on where it stopped: DEFIB_RUN=$DEFIB_RUN bash $0"
      undo_help
    } >&2
  fi
  exit "$code"
}

# ---- before the first step ----------------------------------------------------------------------

# In the characters that every AWS service takes in a tag.
who_and_when() {
  printf '%s@%s since %s' "$(id -un)" "$(uname -n)" "$(date -u +%FT%TZ)" | LC_ALL=C tr -c 'A-Za-z0-9@+=._:/ -' _
}

start() {
  local caller
  for tool in aws base64 od tr grep tail date sleep id uname; do
    command -v "$tool" >/dev/null || stop "$tool is needed and not installed; nothing was sent"
  done
  if [ -z "${DEFIB_RUN:-}" ]; then DEFIB_RUN=$(new_run); fi
  { plain "$DEFIB_RUN" && ((${#DEFIB_RUN} <= 36)); } || stop 'DEFIB_RUN must be letters, digits and dashes, at most 36; nothing was sent'
  DEFIB_BY=$(who_and_when)
  DEFIB_POLL=${DEFIB_POLL:-5}
  [[ $DEFIB_POLL =~ ^[0-9]+(\.[0-9]+)?$ ]] || stop 'DEFIB_POLL must be a number of seconds; nothing was sent'
  record=${DEFIB_RECORD:-./defib-${DEFIB_RUN//[:\/]/_}.record}
  caller=$(look sts get-caller-identity '{}' Account) || stop 'AWS does not tell who is calling; nothing was sent. Renew the credentials and start again'
  [ "$caller" = "$ACCOUNT" ] || stop "the credentials are of account $(printable "$caller"), the plan is for $ACCOUNT; nothing was sent. Set AWS_PROFILE and start again"
  (umask 077 && : >>"$record") 2>/dev/null || stop "$record cannot be written; nothing was sent. Change to a directory of your own"
  if [ -s "$record" ]; then
    noted "plan $PLAN_HASH" || stop "$record belongs to another plan; nothing was sent"
    recall
  else
    note "plan $PLAN_HASH"
  fi
  trap on_exit EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  say "run $DEFIB_RUN"
  say "record $record"
}
