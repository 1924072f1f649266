/* Turns what was noted into one JSON line. */
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define FRAME_US 20000
#define ANCHOR 50 /* frames that give the first idea of a client's own schedule */
#define SETTLED 25 /* frames (half a second) after which a shift counts as frames skipped */

bool in_window(int64_t at) { return at >= window_from && at < window_to; }

void note(uint32_t *histogram, uint64_t *count, int64_t *max, int64_t ns) {
    int64_t bucket = ns < 0 ? 0 : ns / BUCKET_NS;
    histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    (*count)++;
    if (ns > *max) *max = ns;
}

static double quantile(const uint32_t *histogram, uint64_t count, double q) {
    uint64_t rank = (uint64_t)(q * (double)count), seen = 0;
    for (int i = 0; i < BUCKETS; i++)
        if ((seen += histogram[i]) > rank) return (double)i * BUCKET_NS / 1e6;
    return 0;
}

static int ascending(const void *a, const void *b) {
    return (*(const int32_t *)a > *(const int32_t *)b) - (*(const int32_t *)a < *(const int32_t *)b);
}

static int32_t fifth_percentile(const int32_t *values, int count, int32_t *scratch) {
    memcpy(scratch, values, (size_t)count * sizeof *values);
    qsort(scratch, (size_t)count, sizeof *scratch, ascending);
    return scratch[count / 20];
}

static int32_t least(const int32_t *values, int count) {
    int32_t found = values[0];
    for (int i = 1; i < count; i++)
        if (values[i] < found) found = values[i];
    return found;
}

/*
 * Replace arrival times by their distance from the client's own 20 ms schedule, up to a constant.
 * A client that stays whole frames late for half a second was skipped, not delayed: its schedule moves on.
 */
static uint64_t straighten(int32_t *arrivals, int count, int32_t *scratch) {
    uint64_t skipped = 0;
    for (int k = 0; k < count; k++) arrivals[k] -= k * FRAME_US;
    int32_t base = fifth_percentile(arrivals, count < ANCHOR ? count : ANCHOR, scratch);
    for (int k = 0; k + SETTLED <= count; k++) {
        if (arrivals[k] - base < FRAME_US) continue;
        int32_t shift = (least(arrivals + k, SETTLED) - base) / FRAME_US;
        for (int i = k; shift > 0 && i < count; i++) arrivals[i] -= shift * FRAME_US;
        skipped += shift > 0 ? (uint64_t)shift : 0;
    }
    return skipped;
}

static void print_lateness(void) {
    uint32_t *histogram = calloc(BUCKETS, sizeof *histogram);
    int32_t *scratch = malloc(sizeof *scratch * (size_t)conns[0].arrival_cap);
    uint64_t count = 0, skipped = 0;
    int64_t max = 0;
    for (int i = 0; i < conn_count; i++) {
        struct conn *c = &conns[i];
        if (!c->arrival_count) continue;
        skipped += straighten(c->arrivals, c->arrival_count, scratch);
        int32_t base = fifth_percentile(c->arrivals, c->arrival_count, scratch);
        for (int k = 0; k < c->arrival_count; k++)
            note(histogram, &count, &max, (int64_t)(c->arrivals[k] - base) * 1000);
    }
    printf("\"skipped\":%lu,\"late_ms\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},",
           (unsigned long)skipped, quantile(histogram, count, .5), quantile(histogram, count, .99),
           (double)max / 1e6);
}

/* Every stamp of a room should be heard by everybody in it but its speaker. */
static void print_loss(void) {
    int rooms = 0;
    for (int i = 0; i < conn_count; i++)
        if (conns[i].room >= rooms) rooms = conns[i].room + 1;
    uint64_t *spoken = calloc((size_t)rooms, sizeof *spoken), expected = 0, heard = 0;
    for (int i = 0; i < conn_count; i++)
        if (conns[i].role == ROLE_SPEAK) spoken[conns[i].room] += conns[i].stamps_sent;
    for (int i = 0; i < conn_count; i++) {
        struct conn *c = &conns[i];
        expected += spoken[c->room] - (c->role == ROLE_SPEAK ? c->stamps_sent : 0);
        heard += c->stamps_heard;
    }
    printf("\"stamps_expected\":%lu,\"stamps_heard\":%lu,\"lost_pct\":%.3f,",
           (unsigned long)expected, (unsigned long)heard,
           expected ? 100. - 100. * (double)heard / (double)expected : 0);
}

static void print_stall(void) {
    printf("\"stall_ms\":[");
    const char *comma = "";
    for (int i = 0; i < SLOTS; i++) {
        if (!tot.slot_count[i]) continue;
        printf("%s{\"at\":%.1f,\"mean\":%.1f,\"max\":%.1f}", comma, i * SLOT_NS / 1e9,
               tot.slot_sum[i] / (double)tot.slot_count[i], tot.slot_max[i]);
        comma = ",";
    }
    printf("],");
}

void print_report(double own_cpu) {
    double due = (double)conn_count * (double)(window_to - window_from) / FRAME_NS;
    printf("{\"event\":\"result\",\"clients\":%d,\"dead\":%d,\"sent\":%lu,\"received\":%lu,"
           "\"received_pct\":%.3f,",
           conn_count, dead_count, (unsigned long)tot.sent, (unsigned long)tot.received,
           100. * (double)tot.received / due);
    print_loss();
    print_lateness();
    printf("\"one_way_ms\":{\"count\":%lu,\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},",
           (unsigned long)tot.latency_count, quantile(tot.latency, tot.latency_count, .5),
           quantile(tot.latency, tot.latency_count, .99), (double)tot.latency_max / 1e6);
    printf("\"clear_ms\":{\"asked\":%lu,\"count\":%lu,\"missed\":%lu,\"p50\":%.2f,\"p99\":%.2f,"
           "\"max\":%.2f},",
           (unsigned long)tot.clears, (unsigned long)tot.clear_count,
           (unsigned long)tot.clears_missed, quantile(tot.clear, tot.clear_count, .5),
           quantile(tot.clear, tot.clear_count, .99), (double)tot.clear_max / 1e6);
    printf("\"tail_ms\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},",
           quantile(tot.tail, tot.tail_count, .5), quantile(tot.tail, tot.tail_count, .99),
           (double)tot.tail_max / 1e6);
    print_stall();
    printf("\"own_heard\":%lu,\"duplicates\":%lu,\"texts\":%lu,\"pings\":%lu,\"closed\":%lu,",
           (unsigned long)tot.own_heard, (unsigned long)tot.duplicates, (unsigned long)tot.texts,
           (unsigned long)tot.pings, (unsigned long)tot.closed);
    bool behind = tot.client_dropped || (double)tot.late_sends > .01 * (double)tot.sent;
    printf("\"send_blocked\":%lu,\"client_dropped\":%lu,\"late_sends\":%lu,\"worst_lag_ms\":%.2f,"
           "\"own_cpu\":%.3f,\"behind\":%s}\n",
           (unsigned long)tot.send_blocked, (unsigned long)tot.client_dropped,
           (unsigned long)tot.late_sends, (double)tot.worst_lag / 1e6, own_cpu,
           behind ? "true" : "false");
}
