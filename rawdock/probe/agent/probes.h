/* Probes: each one a socket, a state and, in the end, an outcome; turn() moves all of them on.
 *
 *   tcp: PENDING -> CONNECTING -> LISTENING -> DONE      udp, icmp: PENDING -> ASKING -> DONE
 */
#ifndef PROBES_H
#define PROBES_H

#include "output.h"
#include "words.h"

enum { MAX_PROBES = 4096, TCP_DATA = 96, UDP_DATA = 512 };
enum { UDP_RESEND = 1100 * 1000 }; /* microseconds: Linux allows a peer one ICMP error a second */

enum state { DONE, PENDING, CONNECTING, LISTENING, ASKING };
enum outcome { FAILED, TIMEOUT, DATA, CLOSED, RESET, QUIET, REPLY, NO_VANTAGE, ERROR };

static const char outcome_names[][11] = {
    [FAILED] = "failed", [TIMEOUT] = "timeout", [DATA] = "data",
    [CLOSED] = "closed", [RESET] = "reset",     [QUIET] = "quiet",
    [REPLY] = "reply",   [NO_VANTAGE] = "no-vantage", [ERROR] = "error",
};

struct probe {
    int index; /* of its word in argv */
    enum verb verb;
    enum state state;
    enum outcome outcome;
    int error;
    long fd;
    uint64_t started, timeout, deadline, elapsed, listen; /* microseconds, like all times here */
    uint64_t wake;                               /* when to act if nothing happens */
    union endpoint target, offender;
    const char *payload;
    unsigned size; /* of an ICMP packet */
    bool whole;
    struct sock_extended_err icmp;
    uint8_t data[UDP_DATA];
    unsigned data_size;
};

static struct probe probes[MAX_PROBES];
static int probe_count;
static uint64_t now;
static uint64_t timeout, listen, delay;
static int vantage_error; /* why we are not in the namespace we were sent to, or 0 */

static void forget_probes(void)
{
    probe_count = 0;
    vantage_error = 0;
    timeout = 1500 * 1000;
    listen = 250 * 1000;
    delay = 0;
}

static void look_at_clock(void)
{
    struct timespec time;
    syscall(clock_gettime, CLOCK_MONOTONIC, &time);
    now = time.tv_sec * 1000000ull + time.tv_nsec / 1000;
}

/* The close is an ordinary one. An RST would spare us TIME_WAIT, but a peer that has not accepted
 * yet would see its accept fail, and one that has would log a broken connection. */
static void finish(struct probe *probe, enum outcome outcome, int error)
{
    probe->outcome = outcome;
    probe->error = error;
    probe->state = DONE;
    if (outcome != QUIET)
        probe->elapsed = now - probe->started;
    syscall(close, probe->fd);
}

/* Takes one ICMP error off the socket's error queue: who sent it and what it says. False if empty.
 * One entry is enough: the first error ends the probe. */
static bool read_error_queue(struct probe *probe)
{
    struct {
        struct control_header header;
        struct sock_extended_err error;
        union endpoint offender;
    } control = {};
    struct message message = {.control = &control, .control_size = sizeof control};
    if (syscall(recvmsg, probe->fd, &message, MSG_ERRQUEUE) < 0)
        return false;
    probe->icmp = control.error;
    probe->offender = control.offender;
    return control.error.ee_origin != SO_EE_ORIGIN_NONE;
}

static void fail(struct probe *probe, int error)
{
    /* Only an established connection gets ECONNRESET: an RST may overtake our look at the connect. */
    bool connected = probe->state == LISTENING || error == ECONNRESET;
    if (probe->verb == TCP && connected)
        finish(probe, RESET, error);
    else
        finish(probe, error == ETIMEDOUT ? TIMEOUT : FAILED, error);
}

/* Gives the size of what came, with its source for UDP, or a negative errno; -EAGAIN: nothing yet.
 * The socket goes first, because taking an entry off the queue clears the socket's own error. */
static long receive(struct probe *probe, union endpoint *source)
{
    unsigned source_size = sizeof *source;
    size_t limit = probe->verb == TCP ? TCP_DATA : UDP_DATA;
    long size = syscall(recvfrom, probe->fd, probe->data, limit, 0, source, &source_size);
    if (size < 0 && read_error_queue(probe) && size == -EAGAIN)
        return -(long)probe->icmp.ee_errno;
    if (size > 0)
        probe->data_size = size;
    return size;
}

static bool same_address(const union endpoint *one, const union endpoint *other)
{
    size_t size = one->family == AF_INET6 ? 16 : 4;
    const uint8_t *a = address_of(one), *b = address_of(other);
    while (size && *a++ == *b++)
        size--;
    return size == 0;
}

/* With nobody at a local port, the kernel may pick that very port for our end, and TCP's
 * simultaneous open then joins the socket to itself: an open port that is none. */
static bool connected_to_itself(const struct probe *probe)
{
    union endpoint own = {};
    unsigned size = sizeof own;
    syscall(getsockname, probe->fd, &own, &size);
    return own.v4.sin_port == probe->target.v4.sin_port && same_address(&own, &probe->target);
}

static void listen_to_peer(struct probe *probe)
{
    probe->state = LISTENING;
    probe->elapsed = now - probe->started;
    probe->wake = now + probe->listen;
}

/* Reading tells a failed connect from one that worked, so this serves both TCP states. */
static void tcp_event(struct probe *probe)
{
    union endpoint ignored;
    long size = receive(probe, &ignored);
    if (size == -EAGAIN && probe->state == CONNECTING && connected_to_itself(probe))
        fail(probe, ECONNREFUSED);
    else if (size == -EAGAIN && probe->state == CONNECTING)
        listen_to_peer(probe);
    else if (size == 0)
        finish(probe, CLOSED, 0);
    else if (size > 0)
        finish(probe, DATA, 0);
    else if (size != -EAGAIN)
        fail(probe, -size);
}

static void answer_event(struct probe *probe)
{
    union endpoint source = {};
    long size = receive(probe, &source);
    if (size == -EAGAIN)
        return;
    if (size < 0) {
        fail(probe, -size);
        return;
    }
    if (!same_address(&source, &probe->target))
        probe->offender = source;
    finish(probe, REPLY, 0);
}

static size_t target_size(const struct probe *probe)
{
    return probe->target.family == AF_INET6 ? sizeof probe->target.v6 : sizeof probe->target.v4;
}

static uint8_t datagram[MAX_PACKET];

static size_t udp_payload(const struct probe *probe)
{
    size_t size = 0;
    for (const char *hex = probe->payload; *hex;)
        take_byte(&hex, &datagram[size++]);
    return size;
}

/* The kernel fills in checksum and identifier, and hands out only the replies to those. */
static size_t echo_request(const struct probe *probe)
{
    bool six = probe->target.family == AF_INET6;
    unsigned headers = (six ? 40 : 20) + ICMP_HEADER;
    unsigned size = probe->size ? probe->size : MAX_PACKET;
    memset(datagram, 0, ICMP_HEADER);
    datagram[0] = six ? ICMPV6_ECHO_REQUEST : ICMP_ECHO;
    return ICMP_HEADER + (size > headers ? size - headers : 0);
}

/* The interface's own word on how much it sends at once, when we asked for as much as there is. */
static bool learn_size(struct probe *probe, long result)
{
    if (result != -EMSGSIZE || probe->verb != ICMP || probe->size)
        return false;
    if (probe->icmp.ee_origin == SO_EE_ORIGIN_LOCAL)
        probe->size = probe->icmp.ee_info;
    probe->icmp = (struct sock_extended_err){};
    probe->offender = (union endpoint){};
    return probe->size;
}

static void ask(struct probe *probe)
{
    size_t size = probe->verb == UDP ? udp_payload(probe) : echo_request(probe);
    long result = syscall(sendto, probe->fd, datagram, size, 0, &probe->target, target_size(probe));
    if (result < 0) {
        read_error_queue(probe);
        if (learn_size(probe, result))
            ask(probe);
        else
            fail(probe, -result);
        return;
    }
    if (probe->verb == ICMP && !probe->size)
        probe->size = MAX_PACKET; /* it went at once */
    probe->wake = now + UDP_RESEND < probe->deadline ? now + UDP_RESEND : probe->deadline;
}

static void tcp_connect(struct probe *probe)
{
    long result = syscall(connect, probe->fd, &probe->target, target_size(probe));
    if (result < 0 && result != -EINPROGRESS) {
        read_error_queue(probe);
        fail(probe, -result);
    }
}

static void on_event(struct probe *probe)
{
    if (probe->verb == TCP)
        tcp_event(probe);
    else
        answer_event(probe);
}

static void begin(struct probe *probe)
{
    probe->started = now;
    probe->wake = probe->deadline = now + probe->timeout;
    if (probe->verb == TCP) {
        probe->state = CONNECTING;
        tcp_connect(probe);
    } else {
        probe->state = ASKING;
        ask(probe);
    }
}

static void on_wake(struct probe *probe)
{
    if (probe->state == PENDING)
        begin(probe);
    else if (probe->state == LISTENING)
        finish(probe, QUIET, 0);
    else if (now >= probe->deadline)
        finish(probe, TIMEOUT, ETIMEDOUT);
    else
        ask(probe);
}

static void set_option(const struct probe *probe, int level, int option, int value)
{
    syscall(setsockopt, probe->fd, level, option, &value, sizeof value);
}

static bool open_socket(struct probe *probe)
{
    bool six = probe->target.family == AF_INET6;
    int type = probe->verb == TCP ? SOCK_STREAM : SOCK_DGRAM;
    int protocol = probe->verb != ICMP ? 0 : six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
    probe->fd = syscall(socket, probe->target.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (probe->fd < 0)
        return false;
    int level = six ? IPPROTO_IPV6 : IPPROTO_IP;
    set_option(probe, level, six ? IPV6_RECVERR : IP_RECVERR, 1);
    if (probe->whole)
        set_option(probe, level, six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    return true;
}

/* A probe past the table's end is left to the report. */
static void start(int index, const struct word *word)
{
    if (probe_count == MAX_PROBES)
        return;
    struct probe *probe = &probes[probe_count++];
    *probe = (struct probe){};
    look_at_clock();
    probe->index = index;
    probe->verb = word->verb;
    probe->target = word->target;
    probe->payload = word->payload;
    probe->size = word->size;
    probe->whole = word->whole;
    probe->listen = listen;
    probe->timeout = timeout;
    if (vantage_error) {
        probe->outcome = NO_VANTAGE;
        probe->error = vantage_error;
    } else if (!open_socket(probe)) {
        probe->outcome = ERROR;
        probe->error = -probe->fd;
    } else if (delay) {
        probe->state = PENDING; /* the socket is of this namespace, whenever it is used */
        probe->wake = now + delay;
    } else {
        begin(probe);
    }
}

/* Looks once at everything under way, waiting for something to happen if asked to; false when
 * nothing is under way any more. What happened goes before what is due, however late we look. */
static bool turn(bool wait)
{
    static struct probe *waiting[MAX_PROBES];
    static struct pollfd polled[MAX_PROBES];
    unsigned count = 0;
    uint64_t nearest = wait ? UINT64_MAX : 0;
    for (struct probe *probe = probes; probe < probes + probe_count; probe++) {
        if (probe->state == DONE)
            continue;
        if (probe->wake < nearest)
            nearest = probe->wake;
        polled[count].fd = probe->state == PENDING ? -1 : probe->fd; /* unconnected, poll calls it hung up */
        polled[count].events = probe->state == CONNECTING ? POLLOUT : POLLIN;
        waiting[count++] = probe;
    }
    look_at_clock();
    uint64_t pause = nearest > now ? nearest - now : 0;
    struct timespec patience = {pause / 1000000, pause % 1000000 * 1000};
    long result = count ? syscall(ppoll, polled, count, &patience) : 0;
    look_at_clock();
    for (unsigned i = 0; i < count; i++)
        if (result < 0 && result != -EINTR)
            finish(waiting[i], ERROR, -result);
        else if (result > 0 && polled[i].revents)
            on_event(waiting[i]);
        else if (waiting[i]->wake <= now)
            on_wake(waiting[i]);
    return count;
}

#endif
