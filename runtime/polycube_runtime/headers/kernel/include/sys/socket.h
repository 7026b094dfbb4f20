/* linux/if.h wants struct sockaddr from here; nothing else of the C library belongs in a data plane. */
#pragma once
#include <linux/types.h>
struct sockaddr {
  unsigned short sa_family;
  char sa_data[14];
};
