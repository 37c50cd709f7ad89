/* The probe agent: stands in network namespaces and finds out who answers there.
 *
 * It needs no C library and no file but itself, so it runs in an empty image. It starts every probe
 * at once, collects them in one poll loop, and never writes a byte to a TCP peer: a listener that
 * speaks first shows itself, and a forwarder with nobody behind it hangs up.
 *
 * Words, obeyed from left to right; nothing is done before all of them are understood:
 *
 *   timeout=MS             patience with each probe that follows, from its start (1500)
 *   listen=MS              how long to hear a TCP peer out after the connect (250)
 *   after=MS               each probe that follows begins that much later (0)
 *   ns=PATH                what follows happens in this network namespace
 *   tcp=ADDRESS,PORT       connect, then listen
 *   udp=ADDRESS,PORT,HEX   send these bytes, and again every 1.1 s, until somebody answers
 *   icmp=ADDRESS,SIZE      send an echo request of SIZE bytes, IP's header included, and again as udp;
 *   icmp=ADDRESS,SIZE,df   the same, and no router may cut it; SIZE 0: as large as the interface
 *                          sends at once. What is known of the path's MTU does not count
 *   file=PATH              print a file, such as /proc/self/net/udp
 *   diag=4, diag=6         print, as if a file, who listens for TCP over IPv4 or IPv6: the kernel's own
 *                          messages, inet_diag_msg. /proc/net/tcp takes 13 ms, for it walks through
 *                          the connections of all namespaces; this takes 0.1
 *
 * ADDRESS is dotted IPv4 or 32 hex digits of IPv6; all hex is lower case. The agent's own namespace
 * cannot be named once it has been left, so its words come before the first ns=.
 *
 * With the one word - they come from standard input: a word a line, then an empty line, is a batch,
 * answered like a command line, and then by "end"; only then may the next be sent. Each batch begins
 * in the agent's own namespace. The end of the input is the end, so the agent never outlives its
 * client.
 *
 * Output, one line for each word that asked something; INDEX is the word's place in argv, from 1:
 *
 *   agent 2                    always first: the version of these lines
 *   error unknown-word WORD    the only other line then; exit status 2
 *   error too-long             the same, of a batch
 *   ns PATH ERRNO              could not enter: until the next ns= that can, nothing is sent or read
 *   file INDEX ERRNO LENGTH    then LENGTH bytes, then a newline; EFBIG when the file has more
 *   file INDEX ERRNO no-vantage             its ns= failed with ERRNO; no bytes follow
 *   tcp INDEX OUTCOME ERRNO MICROSECONDS ICMP OFFENDER DATAHEX      probes: at the end, in order of
 *   udp INDEX OUTCOME ERRNO MICROSECONDS ICMP OFFENDER DATAHEX      the words; - where there is none
 *
 *   icmp INDEX OUTCOME ERRNO MICROSECONDS ICMP OFFENDER SIZE        SIZE: as it was sent
 *
 *   OUTCOME        tcp: failed   the connect failed, ERRNO says how
 *                       timeout  nothing came back in time, ERRNO 110
 *                       data     connected, and the peer spoke: DATAHEX has its first 96 bytes
 *                       closed   connected, and the peer hung up without a byte
 *                       reset    connected, then ERRNO
 *                       quiet    connected, and silence for as long as we listened
 *                  udp: reply    DATAHEX has its first 512 bytes
 *                       failed   an ICMP error or no way to send, ERRNO says which
 *                       timeout  silence, ERRNO 110
 *                 icmp: as udp; failed with 90 where SIZE is too much for the interface (ORIGIN l)
 *                       or for a router (4, 6), error with 13 where this group may not ping
 *                  all: no-vantage  its ns= failed with ERRNO: nothing was sent
 *                       error    no socket for it (EMFILE...), or past the 4096th probe (E2BIG)
 *   MICROSECONDS   from start to outcome; quiet: to the end of the connect; nothing sent: 0
 *   ICMP           ORIGIN:TYPE:CODE:INFO from the error queue; ORIGIN 4 (ICMP), 6 (ICMPv6) or l
 *                  (this kernel); INFO is the MTU where the error is about size, else 0
 *   OFFENDER       who sent the ICMP error; udp and icmp reply: the source, when it is not the target
 *
 * Sources: Linux man pages ip(7) and ipv6(7) (IP_RECVERR: an errno comes with the ICMP message and
 * its sender, without any privilege; IP_PMTUDISC_PROBE), setns(2), udp(7), tcp(7), icmp(7) (the
 * socket that pings without any privilege), sock_diag(7).
 */
#include "batches.h"
#include "files.h"
#include "probes.h"

enum { STARTS_PER_TURN = 32 };

static void enter(const char *path)
{
    long fd = open_file(path);
    long result = fd < 0 ? fd : syscall(setns, fd, CLONE_NEWNET);
    if (fd >= 0)
        syscall(close, fd);
    vantage_error = -result;
    if (!vantage_error)
        return;
    put_text("ns ");
    put_text(path);
    put_field(vantage_error);
    put('\n');
}

static void obey(int index, const struct word *word)
{
    switch (word->verb) {
    case TIMEOUT_AFTER:
        timeout = word->milliseconds * 1000ull;
        break;
    case LISTEN_FOR:
        listen = word->milliseconds * 1000ull;
        break;
    case BEGIN_AFTER:
        delay = word->milliseconds * 1000ull;
        break;
    case ENTER:
        enter(word->path);
        break;
    case PRINT:
    case DIAG:
        print_file(index, word);
        break;
    default:
        start(index, word);
        if (index % STARTS_PER_TURN == 0)
            turn(false); /* or the last start's time would be counted as the first answer's */
    }
}

static void check(int count, char **words)
{
    for (int i = 1; i < count; i++)
        if (parse(words[i]).verb == UNKNOWN) {
            put_text("error unknown-word ");
            put_text(words[i]);
            put('\n');
            flush();
            exit(2);
        }
}

static void put_address(const union endpoint *endpoint)
{
    const uint8_t *bytes = address_of(endpoint);
    if (endpoint->family == AF_INET6)
        put_hex(bytes, 16);
    else if (endpoint->family == AF_INET)
        for (int i = 0; i < 4; i++) {
            if (i)
                put('.');
            put_number(bytes[i]);
        }
    else
        put('-');
}

static void put_icmp(const struct sock_extended_err *icmp)
{
    if (icmp->ee_origin == SO_EE_ORIGIN_NONE) {
        put('-');
        return;
    }
    put(icmp->ee_origin == SO_EE_ORIGIN_ICMP ? '4' : icmp->ee_origin == SO_EE_ORIGIN_ICMP6 ? '6' : 'l');
    put(':');
    put_number(icmp->ee_type);
    put(':');
    put_number(icmp->ee_code);
    put(':');
    put_number(icmp->ee_info);
}

static void put_probe(const struct probe *probe)
{
    put_text(probe->verb == TCP ? "tcp" : probe->verb == UDP ? "udp" : "icmp");
    put_field(probe->index);
    put(' ');
    put_text(outcome_names[probe->outcome]);
    put_field(probe->error);
    put_field(probe->elapsed);
    put(' ');
    put_icmp(&probe->icmp);
    put(' ');
    put_address(&probe->offender);
    if (probe->verb == ICMP) {
        put_field(probe->size);
        put('\n');
        return;
    }
    put(' ');
    put_hex(probe->data, probe->data_size);
    put_text(probe->data_size ? "\n" : "-\n");
}

static void report(int count, char **words)
{
    for (int i = 1, next = 0; i < count; i++) {
        struct probe excess = {.index = i, .outcome = ERROR, .error = E2BIG};
        struct word word = parse(words[i]);
        excess.verb = word.verb;
        excess.size = word.size;
        if (next < probe_count && probes[next].index == i)
            put_probe(&probes[next++]);
        else if (excess.verb >= TCP && excess.verb <= ICMP)
            put_probe(&excess);
    }
}

static void raise_file_limit(void)
{
    struct rlimit64 limit;
    if (syscall(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    syscall(prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
}

static void run(int count, char **words)
{
    check(count, words);
    for (int i = 1; i < count; i++) {
        struct word word = parse(words[i]);
        obey(i, &word);
    }
    flush();
    while (turn(true))
        ;
    report(count, words);
    flush();
}

static _Noreturn void run_batches(void)
{
    static char *words[MAX_WORDS];
    long home = open_file("/proc/self/ns/net");
    flush(); /* the version: who waits for it knows that we are there */
    for (int count; (count = read_batch(words));) {
        syscall(setns, home, CLONE_NEWNET);
        forget_probes();
        run(count, words);
        put_text("end\n");
        flush();
    }
    exit(0);
}

/* Called by _start with what the kernel left on the stack: argc, then argv. */
__attribute__((used)) _Noreturn void agent(long *stack)
{
    int count = stack[0];
    char **words = (char **)(stack + 1);
    put_text("agent 2\n");
    raise_file_limit();
    if (count == 2 && words[1][0] == '-' && !words[1][1])
        run_batches();
    forget_probes();
    run(count, words);
    exit(0);
}
