export { det as linalgDet, slogdet as linalgSlogdet } from "./determinant.js";
export {
  extractdiag as linalgExtractdiag,
  makediag as linalgMakediag,
  sumlogdiag as linalgSumlogdiag,
} from "./diagonal.js";
export { gelqf as linalgGelqf } from "./gelqf.js";
export { gemm as linalgGemm, gemm2 as linalgGemm2, syrk as linalgSyrk } from "./gemm.js";
export { inverse as linalgInverse } from "./inverse.js";
export { linalg } from "./linalg.js";
export { potrf as linalgPotrf, potri as linalgPotri } from "./potrf.js";
export { syevd as linalgSyevd } from "./syevd.js";
export { extracttrian as linalgExtracttrian, maketrian as linalgMaketrian } from "./trian.js";
export { trmm as linalgTrmm } from "./trmm.js";
export { trsm as linalgTrsm } from "./trsm.js";
