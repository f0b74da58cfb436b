/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about TLS towards a broker, and about
 * the header in front of a connection to it.
 */
#pragma once

struct config_upstream;
struct problems;

void check_upstream(const struct config_upstream *upstream,
                    struct problems *problems);
