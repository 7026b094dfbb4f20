/* bcc sizes its ring buffers in these. */
#define PAGE_SIZE 4096
