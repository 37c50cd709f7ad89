/* The words of the command line: text in, struct word out. The agent's head lists them. */
#ifndef WORDS_H
#define WORDS_H

#include "linux.h"

enum { MAX_MILLISECONDS = 3600 * 1000, MAX_DATAGRAM = 65507, MAX_PACKET = 65535 };
enum verb { UNKNOWN, TIMEOUT_AFTER, LISTEN_FOR, BEGIN_AFTER, ENTER, TCP, UDP, ICMP, PRINT, DIAG };

static const char prefixes[][9] = {
    [TIMEOUT_AFTER] = "timeout=", [LISTEN_FOR] = "listen=", [BEGIN_AFTER] = "after=", [ENTER] = "ns=",
    [TCP] = "tcp=",               [UDP] = "udp=",           [ICMP] = "icmp=",         [PRINT] = "file=",
    [DIAG] = "diag=",
};

union endpoint {
    struct sockaddr_in6 v6; /* the largest first: = {} clears all of it */
    struct sockaddr_in v4;
    unsigned short family;
};

static uint8_t *address_of(const union endpoint *endpoint)
{
    const void *address = &endpoint->v4.sin_addr;
    if (endpoint->family == AF_INET6)
        address = &endpoint->v6.sin6_addr;
    return (uint8_t *)address;
}

struct word {
    enum verb verb;
    unsigned milliseconds;
    const char *path;
    unsigned family;
    union endpoint target;
    const char *payload; /* hex */
    unsigned size;       /* of an ICMP packet in all */
    bool whole;          /* no router may cut it */
};

/* Each of these moves TEXT past what it took, and says whether that was there. */

static bool take_text(const char **text, const char *expected)
{
    const char *here = *text;
    while (*expected)
        if (*here++ != *expected++)
            return false;
    *text = here;
    return true;
}

static bool take_number(const char **text, unsigned maximum, unsigned *value)
{
    const char *first = *text;
    for (*value = 0; **text >= '0' && **text <= '9'; ++*text)
        if ((*value = *value * 10 + (**text - '0')) > maximum)
            return false;
    return *text != first;
}

static bool take_byte(const char **text, uint8_t *byte)
{
    unsigned value = 0;
    for (int i = 0; i < 2; i++, ++*text) {
        char digit = **text;
        if (digit >= '0' && digit <= '9')
            value = value * 16 + (digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value = value * 16 + (digit - 'a' + 10);
        else
            return false;
    }
    *byte = value;
    return true;
}

static bool take_ipv4(const char **text, union endpoint *target)
{
    target->family = AF_INET;
    for (int i = 0; i < 4; i++) {
        unsigned part;
        if ((i && !take_text(text, ".")) || !take_number(text, 255, &part))
            return false;
        address_of(target)[i] = part;
    }
    return true;
}

static bool take_ipv6(const char **text, union endpoint *target)
{
    target->family = AF_INET6;
    for (int i = 0; i < 16; i++)
        if (!take_byte(text, address_of(target) + i))
            return false;
    return true;
}

static bool take_address(const char **text, union endpoint *target)
{
    const char *here = *text;
    if (!take_ipv4(&here, target) || *here != ',') {
        here = *text;
        *target = (union endpoint){};
        if (!take_ipv6(&here, target))
            return false;
    }
    *text = here;
    return take_text(text, ",");
}

static bool take_target(const char **text, union endpoint *target)
{
    unsigned port;
    if (!take_address(text, target) || !take_number(text, 65535, &port))
        return false;
    target->v4.sin_port = __builtin_bswap16(port); /* at the same place in v6 */
    return true;
}

static bool is_payload(const char *hex)
{
    size_t size = 0;
    for (uint8_t byte; *hex; size++)
        if (!take_byte(&hex, &byte))
            return false;
    return size <= MAX_DATAGRAM;
}

static bool take_rest(const char *text, struct word *word)
{
    switch (word->verb) {
    case TIMEOUT_AFTER:
    case LISTEN_FOR:
    case BEGIN_AFTER:
        return take_number(&text, MAX_MILLISECONDS, &word->milliseconds) && !*text;
    case ENTER:
    case PRINT:
        word->path = text;
        return *text;
    case DIAG:
        if (!take_number(&text, 6, &word->family) || *text)
            return false;
        word->family = word->family == 4 ? AF_INET : word->family == 6 ? AF_INET6 : AF_UNSPEC;
        return word->family;
    case TCP:
        return take_target(&text, &word->target) && !*text;
    case UDP:
        if (!take_target(&text, &word->target) || !take_text(&text, ","))
            return false;
        word->payload = text;
        return is_payload(text);
    case ICMP:
        if (!take_address(&text, &word->target) || !take_number(&text, MAX_PACKET, &word->size))
            return false;
        word->whole = take_text(&text, ",df");
        return !*text;
    default:
        return false;
    }
}

static struct word parse(const char *text)
{
    struct word word = {};
    for (enum verb verb = TIMEOUT_AFTER; verb <= DIAG; verb++)
        if (!word.verb && take_text(&text, prefixes[verb]))
            word.verb = verb;
    if (!take_rest(text, &word))
        word.verb = UNKNOWN;
    return word;
}

#endif
