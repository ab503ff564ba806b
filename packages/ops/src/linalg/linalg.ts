import { det, slogdet } from "./determinant.js";
import { extractdiag, makediag, sumlogdiag } from "./diagonal.js";
import { gelqf } from "./gelqf.js";
import { gemm, gemm2, syrk } from "./gemm.js";
import { inverse } from "./inverse.js";
import { potrf, potri } from "./potrf.js";
import { syevd } from "./syevd.js";
import { extracttrian, maketrian } from "./trian.js";
import { trmm } from "./trmm.js";
import { trsm } from "./trsm.js";

/** Linear algebra on the last two axes, one matrix after another along the others. */
export const linalg = {
  gemm,
  gemm2,
  syrk,
  trmm,
  trsm,
  potrf,
  potri,
  inverse,
  det,
  slogdet,
  gelqf,
  syevd,
  sumlogdiag,
  extractdiag,
  makediag,
  extracttrian,
  maketrian,
} as const;
