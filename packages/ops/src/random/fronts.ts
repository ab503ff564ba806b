export {
  type DensityOptions,
  randomPdfDirichlet,
  randomPdfExponential,
  randomPdfGamma,
  randomPdfGeneralizedNegativeBinomial,
  randomPdfNegativeBinomial,
  randomPdfNormal,
  randomPdfPoisson,
  randomPdfUniform,
} from "./densities.js";
