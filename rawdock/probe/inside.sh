# The agent's work for a container that has sh, with bash or nc and timeout: each argument is one probe or one file, as
# "INDEX tcp ADDRESS PORT", "INDEX dns ADDRESS NAME" or "INDEX file PATH"; before them the seconds to wait for a connect.
# What is printed are the agent's lines (agent.c); neither bash nor nc knows who sent an ICMP error.
seconds=$1; shift
limit="timeout"; timeout 1 sh -c : 2>/dev/null || limit="timeout -t"   # busybox before 1.30
$limit 1 sh -c : 2>/dev/null || exit 127
if bash -c : 2>/dev/null; then tool=bash; elif command -v nc >/dev/null 2>&1 && command -v readlink >/dev/null 2>&1; then tool=nc; else exit 127; fi

clock() { read -r now _ </proc/uptime; now="${now%.*}${now#*.}"; }   # hundredths of a second, in $now: no process for it
took() { clock; took=$(((now - started) * 10000)); }   # microseconds since $started, in $took

failure() {   # what a program said of a failed connect, as an errno
  case $1 in
    *efused*) echo 111 ;;
    *"etwork is unreachable"*|*"etwork unreachable"*) echo 101 ;;
    *"o route to host"*|*"ost is unreachable"*) echo 113 ;;
    *"annot assign"*|*"an't assign"*) echo 99 ;;
    *"ddress family"*) echo 97 ;;
    *"ermission denied"*) echo 13 ;;
    *"not permitted"*) echo 1 ;;
    *"reset by peer"*) echo 104 ;;
    *"rotocol not available"*) echo 92 ;;
    *"imed out"*|*"imeout"*) echo 110 ;;
    *) echo 0 ;;
  esac
}

failed() {   # a line for it; INDEX WORDS
  number=$(failure "$2")
  case $number in
    0) echo "tcp $1 error 95 0 - - -" ;;
    110) echo "tcp $1 timeout 110 $took - - -" ;;
    *) echo "tcp $1 failed $number $took - - -" ;;
  esac
}

tcp_by_bash() {
  clock; started=$now
  said=$($limit "$((seconds + 1))" bash -c 'exec 3<>"/dev/tcp/$0/$1" && echo connected || exit 9
    IFS= read -r -t 0.5 -n 1 x <&3; echo "read=$?"' "$2" "$3" 2>&1)
  took
  case $said in
    connected*reset*) echo "tcp $1 reset 104 $took - - -" ;;
    connected*read=0*) echo "tcp $1 data 0 $took - - 3f" ;;
    connected*read=1) echo "tcp $1 closed 0 $took - - -" ;;
    connected*read=*) echo "tcp $1 quiet 0 0 - - -" ;;
    connected*) echo "tcp $1 error 95 0 - - -" ;;
    "") echo "tcp $1 timeout 110 $took - - -" ;;
    *) failed "$1" "$said" ;;
  esac
}

state() {   # of the connection of process $1, in $state, as proc(5) has it: 01 is established
  state=""
  for each in "/proc/$1/fd/"*; do
    inode=$(readlink "$each") || continue
    case $inode in socket:*) inode=${inode#*\[}; inode=${inode%]}; break ;; esac
  done
  while read -r _ _ _ found _ _ _ _ _ number _; do
    if [ "$number" = "$inode" ]; then state=$found; return; fi
  done <<END
$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
END
}

# Nothing is sent, for standard input is a pipe that keeps still. Whether it is connected nc does not tell, but the kernel does.
tcp_by_nc() {
  clock; started=$now
  said=$({
    nc "$2" "$3" <&4 2>&1 & child=$!
    since=""; fate=""
    while [ -L "/proc/$child/fd/1" ]; do   # a process that has ended has none
      clock
      if [ -n "$since" ]; then
        if [ $((now - since)) -ge 50 ]; then fate=quiet; kill "$child"; break; fi
      else
        state "$child"
        if [ "$state" = 01 ]; then since=$now
        elif [ $((now - started)) -ge $((seconds * 100)) ]; then fate=timeout; kill "$child"; break; fi
      fi
      sleep 0.1 2>/dev/null || sleep 1
    done
    wait "$child" 2>/dev/null
    echo "end=$? fate=$fate"
  } | tr -d '\000' | head -c 400)
  took
  case $said in *end=*fate=*) ;; *) said="spoke end=0 fate=" ;; esac   # it spoke for longer than is kept
  words=${said%end=*}; code=${said##*end=}; code=${code%% *}; fate=${said##*fate=}
  case $fate:$code:$words in
    quiet:*:) echo "tcp $1 quiet 0 0 - - -" ;;
    timeout:*) echo "tcp $1 timeout 110 $took - - -" ;;
    quiet:*|:0:?*) echo "tcp $1 data 0 $took - - 3f" ;;
    :0:) echo "tcp $1 closed 0 $took - - -" ;;
    :*reset*) echo "tcp $1 reset 104 $took - - -" ;;
    *) failed "$1" "$words" ;;
  esac
}

# A name server's answer, from what nslookup (busybox's or BIND's) says, as the datagram that it was; RFC 1035.
dns() {
  clock; started=$now
  said=$($limit "$seconds" nslookup "$3" "$2" 2>&1)
  took
  case $said in
    *efused*) echo "udp $1 failed 111 $took - - -"; return ;;
    *NXDOMAIN*) echo "udp $1 reply 0 $took - - $(reply 3)"; return ;;
    *Name:*) ;;
    *"o answer"*) echo "udp $1 reply 0 $took - - $(reply 0)"; return ;;
    *"imed out"*|*"no servers"*|"") echo "udp $1 timeout 110 $took - - -"; return ;;
    *) echo "udp $1 error 95 0 - - -"; return ;;
  esac
  addresses=$(echo "${said#*Name:}" | sed -n 's/^Address[^:]*: *\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*/\1 \2 \3 \4/p')
  # shellcheck disable=SC2086 # numbers
  echo "udp $1 reply 0 $took - - $(reply 0 $addresses)"
}

reply() {   # CODE, then four numbers for each address; without the question, which nobody reads
  code=$1; shift
  printf '7264818%d0000%04x00000000' "$code" $(($# / 4))
  while [ $# -ge 4 ]; do printf '0000010001000002580004%02x%02x%02x%02x' "$1" "$2" "$3" "$4"; shift 4; done
}

file() {
  content=$(cat "$2" 2>/dev/null) || { echo "file $1 2 0"; echo; return; }
  printf 'file %d 0 %d\n%s\n' "$1" "${#content}" "$content"
}

ask() {
  case $2 in
    tcp) "tcp_by_$tool" "$1" "$3" "$4" ;;
    dns) if command -v nslookup >/dev/null 2>&1; then dns "$1" "$3" "$4"; else echo "udp $1 error 95 0 - - -"; fi ;;
    icmp) echo "icmp $1 error 95 0 - - $4" ;;
    *) echo "$2 $1 error 95 0 - - -" ;;
  esac
}

work() {
  count=0
  for words in "$@"; do
    # shellcheck disable=SC2086 # an argument is words
    set -- $words
    if [ "$2" = file ]; then file "$1" "$3"; continue; fi
    if [ "$2" = diag ]; then echo "file $1 95 0"; echo; continue; fi   # the files tell the same
    ask "$@" &
    count=$((count + 1))
    [ $((count % 100)) -ne 0 ] || wait
  done
  wait
}

echo "agent 2"
if [ $tool = bash ]; then
  work "$@"
else
  # The pipe that keeps still is held open by a sleep, whose number is the only line in it.
  { sleep 600 & echo $!; wait; } | { read -r sleeper; exec 4<&0; work "$@"; kill "$sleeper"; }
fi
