/* A server of canned bytes, so that a client's own cost shows: canned ROUTES UNIX_PATH
 *
 * It listens on UNIX_PATH and on a free port of 127.0.0.1, whose number it prints. ROUTES is a text of lines
 *     PATTERN HEAD BLOCK COUNT TAIL
 * PATTERN: in the request line, "?" for a space, the first that fits wins; HEAD, BLOCK, TAIL: files, "-" for none. The answer is HEAD,
 * COUNT times BLOCK, TAIL. A request's body is read, by Content-Length or chunked, before the answer, and thrown away.
 * It knows nothing of Docker: canned.py does. A thread a connection, no limit, no time-out; it ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

struct bytes { char *at; size_t size; };
struct route { char pattern[128]; struct bytes head, block, tail; long count; };

static struct route routes[64];
static int known;

static void die(const char *what) { perror(what); exit(2); }

static struct bytes load(const char *path) {
    struct bytes b = {NULL, 0};
    if (!strcmp(path, "-")) return b;
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    b.size = ftell(file);
    rewind(file);
    b.at = malloc(b.size + 1);
    if (fread(b.at, 1, b.size, file) != b.size) die(path);
    fclose(file);
    return b;
}

static int send_all(int peer, struct bytes b) {
    while (b.size) {
        ssize_t sent = send(peer, b.at, b.size, MSG_NOSIGNAL);
        if (sent <= 0) return -1;
        b.at += sent;
        b.size -= sent;
    }
    return 0;
}

static int answer(int peer, const char *line) {
    for (int i = 0; i < known; i++) {
        struct route *r = &routes[i];
        if (!strstr(line, r->pattern)) continue;
        if (send_all(peer, r->head)) return -1;
        for (long n = 0; n < r->count; n++)
            if (send_all(peer, r->block)) return -1;
        return send_all(peer, r->tail);
    }
    static char none[] = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n"
                         "{\"message\":\"no route\"}";
    fprintf(stderr, "canned: no route for %.80s\n", line);
    return send_all(peer, (struct bytes){none, sizeof none - 1});
}

/* Of the body, `have` bytes came behind the head. Returns how many of them are the next request's, -1 at an early end. */
static long discard(int peer, long length, long have, char *buffer, size_t size) {
    if (have >= length) return have - length;
    for (length -= have; length > 0;) {
        ssize_t got = recv(peer, buffer, (size_t)length < size ? (size_t)length : size, 0);
        if (got <= 0) return -1;
        length -= got;
    }
    return 0;
}

/* A chunked body up to its last chunk; nothing may follow it. */
static int discard_chunks(int peer, char *start, long have, char *buffer, size_t size) {
    long left = 0, digits = 0, length = 0; /* left: bytes of a chunk and its line end still to come */
    int in_line = 1;
    memmove(buffer, start, have);
    for (;;) {
        for (char *at = buffer, *end = buffer + have; at < end;) {
            if (!in_line) {
                long step = left < end - at ? left : end - at;
                at += step;
                left -= step;
                in_line = left == 0;
                continue;
            }
            char c = *at++;
            if (c == '\n') {
                if (digits && length == 0) return at < end || recv(peer, buffer, 2, MSG_WAITALL) == 2 ? 0 : -1;
                left = length + 2;
                in_line = digits == 0;
                digits = length = 0;
            } else if (c != '\r') {
                length = length * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
                digits++;
            }
        }
        have = recv(peer, buffer, size, 0);
        if (have <= 0) return -1;
    }
}

static void *serve(void *given) {
    int peer = (int)(long)given;
    size_t size = 1 << 20;
    char *head = malloc(65536), *buffer = malloc(size);
    long have = 0;
    for (;;) {
        char *end = NULL;
        head[have] = 0;
        while (!(end = strstr(head, "\r\n\r\n"))) {
            ssize_t got = have < 65535 ? recv(peer, head + have, 65535 - have, 0) : 0;
            if (got <= 0) goto out;
            have += got;
            head[have] = 0;
        }
        end += 4;
        char kept = *end;
        *end = 0;
        char *length = strcasestr(head, "\r\ncontent-length:");
        long body = length ? atol(length + 17) : 0;
        int chunked = strcasestr(head, "\r\ntransfer-encoding: chunked") != NULL;
        if (strcasestr(head, "\r\nexpect: 100-continue")) {
            static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
            send_all(peer, (struct bytes){go_on, sizeof go_on - 1});
        }
        *end = kept;
        char *line_end = strstr(head, "\r\n");
        *line_end = 0;
        long behind = head + have - end;
        if (chunked) {
            if (discard_chunks(peer, end, behind, buffer, size)) goto out;
            behind = 0;
        } else {
            long rest = discard(peer, body, behind, buffer, size);
            if (rest < 0) goto out;
            behind = rest;
        }
        if (answer(peer, head)) goto out;
        memmove(head, head + have - behind, behind);
        have = behind;
    }
out:
    close(peer);
    free(head);
    free(buffer);
    return NULL;
}

static void *accept_all(void *given) {
    int listener = (int)(long)given, one = 1;
    for (;;) {
        int peer = accept(listener, NULL, NULL);
        if (peer < 0) continue;
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(long)peer)) close(peer);
        else pthread_detach(thread);
    }
    return NULL;
}

static void read_routes(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    char head[256], block[256], tail[256];
    while (known < 64 && fscanf(file, "%127s %255s %255s %ld %255s", routes[known].pattern, head, block,
                                &routes[known].count, tail) == 5) {
        for (char *c = routes[known].pattern; *c; c++)
            if (*c == '?') *c = ' ';
        routes[known].head = load(head);
        routes[known].block = load(block);
        routes[known].tail = load(tail);
        known++;
    }
    fclose(file);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    read_routes(argv[1]);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, argv[2], sizeof name.sun_path - 1);
    int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(local, (struct sockaddr *)&name, sizeof name) || listen(local, 256)) die(argv[2]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(tcp, (struct sockaddr *)&address, length) || listen(tcp, 256)) die("127.0.0.1");
    getsockname(tcp, (struct sockaddr *)&address, &length);
    pthread_t threads[2];
    if (pthread_create(&threads[0], NULL, accept_all, (void *)(long)local)) die("thread");
    if (pthread_create(&threads[1], NULL, accept_all, (void *)(long)tcp)) die("thread");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {}
    return 0;
}
