/* pcn_log(ctx, level, format, up to four arguments). Levels below the cube's loglevel are compiled out.
   Formats: those of printf, and %I IPv4 address, %P port (both in network order), %M MAC address (u64). */
#define pcn_log(ctx, severity, ...) \
  PCN_LOG(severity, PCN_COUNT(__VA_ARGS__, 9, 9, 9, 9, 4, 3, 2, 1, 0, ), __VA_ARGS__, 0, 0, 0, 0, )
#define PCN_COUNT(format, a, b, c, d, e, f, g, h, n, ...) n

/* The text is stored by immediate moves: a program compiled by bcc has no constant data to point to. */
#define PCN_LOG(severity, n, format, a, b, c, d, ...)                                    \
  do {                                                                                   \
    _Static_assert(n <= 4, "pcn_log takes at most four arguments behind the format");    \
    struct {                                                                             \
      struct pcn_log_record head;                                                        \
      char text[sizeof(format)];                                                         \
    } *record_;                                                                          \
    if ((severity) >= LOG_LEVEL && (record_ = pcn_log_reserve(sizeof(*record_)))) {      \
      record_->head.cube = CUBE_ID;                                                      \
      record_->head.level = severity;                                                    \
      record_->head.args = n;                                                            \
      record_->head.length = sizeof(format);                                             \
      record_->head.arg[0] = (u64)(a);                                                   \
      record_->head.arg[1] = (u64)(b);                                                   \
      record_->head.arg[2] = (u64)(c);                                                   \
      record_->head.arg[3] = (u64)(d);                                                   \
      __builtin_memcpy(record_->text, format, sizeof(format));                           \
      pcn_log_submit(record_);                                                           \
    }                                                                                    \
  } while (0)

static __always_inline void pcn_count_lost(u32 what) {
  u64 *count = pcn_lost.lookup(&what);
  if (count)
    *count += 1;
}

/* Functions, because bcc rewrites map operations only where they stand outside macros. */
static __always_inline void *pcn_log_reserve(u64 size) {
  if (!pcn_may_go_up(PCN_UP_LINE))
    return 0;
  void *record = pcn_logs.ringbuf_reserve(size);
  if (!record) {
    pcn_stayed_here(PCN_UP_LINE);
    pcn_count_lost(PCN_LOST_LOG);
  }
  return record;
}

static __always_inline void pcn_log_submit(void *record) {
  pcn_logs.ringbuf_submit(record, 0);
}
