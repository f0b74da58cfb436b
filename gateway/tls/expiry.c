/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/expiry.h"

#define DAY_S UINT64_C(86400)

uint64_t tls_expiry_days(uint64_t end_s, uint64_t now_s)
{
	return end_s > now_s ? (end_s - now_s) / DAY_S : 0;
}

static enum tls_expiry stage_of(uint64_t end_s, uint64_t now_s)
{
	uint64_t days = tls_expiry_days(end_s, now_s);

	if (end_s <= now_s)
		return TLS_EXPIRY_OVER;
	if (days < TLS_EXPIRY_LAST_DAYS)
		return TLS_EXPIRY_LAST;
	return days < TLS_EXPIRY_FEW_DAYS ? TLS_EXPIRY_FEW : TLS_EXPIRY_FAR;
}

static struct tls_expiry_entry *find(struct tls_expiry_told *told,
                                     uint64_t print)
{
	for (size_t i = 0; i < TLS_EXPIRY_TOLD; i++) {
		struct tls_expiry_entry *entry = &told->list[i];

		if (entry->print == print && entry->stage != TLS_EXPIRY_FAR)
			return entry;
	}
	return NULL;
}

static void add(struct tls_expiry_told *told, uint64_t print,
                enum tls_expiry stage)
{
	told->list[told->next] = (struct tls_expiry_entry){ print, stage };
	told->next = (told->next + 1) % TLS_EXPIRY_TOLD;
}

enum tls_expiry tls_expiry_tell(struct tls_expiry_told *told, uint64_t print,
                                uint64_t end_s, uint64_t now_s)
{
	enum tls_expiry stage = stage_of(end_s, now_s);
	enum tls_expiry in_a_day = stage_of(end_s, now_s + DAY_S);
	struct tls_expiry_entry *entry = find(told, print);

	if (!entry && stage != TLS_EXPIRY_FAR)
		add(told, print, stage);
	if (!entry)
		return stage;
	if (entry->stage > in_a_day)
		entry->stage = in_a_day;
	if (entry->stage >= stage)
		return TLS_EXPIRY_FAR;
	entry->stage = stage;
	return stage;
}
