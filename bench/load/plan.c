/*
 * Reads the plan, one client a line, five tabs between: path, header lines, first text message, room,
 * role, and a part of the text message to wait for before sending (empty: none).
 */
#include <stdlib.h>
#include <string.h>

#include "load.h"

static char *slurp(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("cannot open the plan");
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) fail("cannot read the plan");
    text[size] = 0;
    fclose(file);
    return text;
}

/* Turn each two-character "\n" into CR LF in place: they take the same room. */
static void unescape(char *text) {
    for (char *at = strstr(text, "\\n"); at; at = strstr(at, "\\n")) {
        at[0] = '\r';
        at[1] = '\n';
    }
}

static char *field(char **rest) {
    char *found = strsep(rest, "\t");
    if (!found) fail("a plan line has fewer than six fields");
    return found;
}

void read_plan(void) {
    char *text = slurp(opt.plan);
    int lines = 0;
    for (char *at = text; *at; at++) lines += *at == '\n';
    conns = calloc((size_t)lines + 1, sizeof *conns);
    for (char *line; (line = strsep(&text, "\n"));) {
        if (!*line) continue;
        struct conn *c = &conns[conn_count];
        c->path = field(&line);
        c->headers = field(&line);
        c->hello = field(&line);
        c->room = atoi(field(&line));
        c->role = *field(&line);
        c->ready = field(&line);
        c->index = (uint32_t)conn_count++;
        c->fd = -1;
        unescape(c->headers);
    }
    if (!conn_count) fail("the plan is empty");
}
