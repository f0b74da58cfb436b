/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The columns of the tables of ACL cases: acl-cases.tsv and acl-more.tsv. The
 * tables' own first lines say what stands in them.
 */
#pragma once

enum acl_column {
	ID,
	IDENTITY,
	ACL,
	OP,
	VERSION,
	QOS,
	ARGUMENT,
	VERDICT,
	ANSWER,
	NOTE,
	ACL_COLUMNS
};
