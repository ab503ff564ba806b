console.log("gradient");
