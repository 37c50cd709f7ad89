/* Words from standard input, a batch at a time. The agent's head says how one looks. */
#ifndef BATCHES_H
#define BATCHES_H

#include "output.h"

enum { MAX_WORDS = 16384, MAX_BATCH = 4 << 20 };

static _Noreturn void refuse_batch(void)
{
    put_text("error too-long\n");
    flush();
    exit(2);
}

/* Fills WORDS from its second place on, as argv is, and gives their count with the first; 0 at the
 * end of the input. */
static int read_batch(char **words)
{
    static char batch[MAX_BATCH];
    size_t size = 0;
    int count = 1;
    while (size < 2 || batch[size - 1] != '\n' || batch[size - 2] != '\n') {
        if (size == MAX_BATCH)
            refuse_batch();
        long got = syscall(read, 0, batch + size, MAX_BATCH - size);
        if (got <= 0)
            return 0;
        size += got;
    }
    for (char *at = batch; *at != '\n'; at++) {
        if (count == MAX_WORDS)
            refuse_batch();
        words[count++] = at;
        while (*at != '\n')
            at++;
        *at = '\0';
    }
    return count;
}

#endif
